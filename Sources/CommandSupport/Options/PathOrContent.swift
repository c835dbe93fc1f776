internal import ArgumentParser
internal import ObjectStore

/// A configuration text given by a pair of flags: `--NAME-file=PATH` or `--NAME=TEXT`.
public struct PathOrContent: Sendable {
  let name: String
  /// Of the file; nil when the text is given itself.
  public let path: String?
  let content: String?

  public init(name: String, path: String?, content: String?) {
    self.name = name
    self.path = path
    self.content = content
  }

  /// Whether one of the two is given.
  public var isGiven: Bool { path != nil || content != nil }

  /// - Throws: `ValidationError` when both flags are given, or none of a pair that is needed.
  public func validate(isOptional: Bool = false) throws {
    switch (path, content) {
    case (nil, nil):
      if !isOptional { throw ValidationError("give --\(name)-file=PATH or --\(name)=YAML") }
    case (.some, .some):
      throw ValidationError("give either --\(name)-file or --\(name), not both")
    default: return
    }
  }

  /// What error messages call the text.
  public var origin: String {
    path.map { "--\(name)-file \($0)" } ?? "--\(name)"
  }

  /// The text, environment variables expanded.
  public func text() async throws(CommandError) -> String {
    let text = try await rawText()
    do {
      return try expandEnvironment(in: text)
    } catch {
      throw CommandError("\(origin): \(error)")
    }
  }

  private func rawText() async throws(CommandError) -> String {
    guard let path else { return content ?? "" }
    do {
      return String(decoding: try await readLocalFile(path), as: UTF8.self)
    } catch {
      throw CommandError("\(origin): cannot read the file: \(error.detail)")
    }
  }
}
