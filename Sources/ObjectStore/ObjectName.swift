/// The name of an object: components separated by `/`, relative to the root of a bucket.
///
/// Names that could lead out of a bucket, or that a file system reads as another name, do not
/// exist: empty ones, `.` and `..` components, a leading, trailing or double slash, NUL bytes.
/// Equality and order are those of the bytes.
public struct ObjectName: Sendable, CustomStringConvertible {
  /// Why a text is not a name.
  public struct Invalid: Error, Equatable, Sendable, CustomStringConvertible {
    public let name: String
    public let reason: String

    public var description: String { "object name \"\(name)\" is not valid: \(reason)" }
  }

  /// What S3 allows.
  private static let maximumByteCount = 1024

  /// The name as text.
  public let text: String

  public init(_ text: String) throws(Invalid) {
    if let reason = Self.problem(of: text) { throw Invalid(name: text, reason: reason) }
    self.text = text
  }

  private init(valid text: String) {
    self.text = text
  }

  public var description: String { text }

  public var components: [Substring] { text.split(separator: "/") }

  public var lastComponent: Substring { components.last ?? "" }

  /// The directory the object is in; nil at the root.
  public var parent: ObjectName? {
    text.utf8.lastIndex(of: UInt8(ascii: "/")).map { ObjectName(valid: String(text[..<$0])) }
  }

  public func appending(_ path: String) throws(Invalid) -> ObjectName {
    try ObjectName("\(text)/\(path)")
  }

  /// Whether the object lies in the directory `directory`, at any depth.
  public func isInside(_ directory: ObjectName) -> Bool {
    text.utf8.count > directory.text.utf8.count + 1
      && text.utf8.starts(with: directory.text.utf8)
      && text.utf8.dropFirst(directory.text.utf8.count).first == UInt8(ascii: "/")
  }

  private static func problem(of text: String) -> String? {
    if text.isEmpty { return "it is empty" }
    if text.utf8.count > maximumByteCount { return "it is longer than \(maximumByteCount) bytes" }
    if text.utf8.contains(0) { return "it contains a NUL byte" }
    if text.utf8.first == UInt8(ascii: "/") { return "it is absolute" }
    for component in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    {
      if component.isEmpty { return "it has an empty component" }
      if component.elementsEqual(".".utf8) { return "it has a \".\" component" }
      if component.elementsEqual("..".utf8) { return "it has a \"..\" component" }
    }
    return nil
  }
}

extension ObjectName: Hashable, Comparable {
  public static func == (left: ObjectName, right: ObjectName) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  public static func < (left: ObjectName, right: ObjectName) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}
