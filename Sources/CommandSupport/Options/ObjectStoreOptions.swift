public import ArgumentParser
public import ObjectStore

/// `--objstore.config-file` and `--objstore.config`: exactly one of them.
public struct ObjectStoreOptions: ParsableArguments {
  @Option(
    name: .customLong("objstore.config-file"),
    help: ArgumentHelp("YAML file that says which bucket to use.", valueName: "path"))
  public var path: String?

  @Option(
    name: .customLong("objstore.config"),
    help: ArgumentHelp(
      "The same as text, for example 'type: FILESYSTEM, config: {directory: /blocks}' in braces.",
      valueName: "yaml"))
  public var content: String?

  public init() {}

  public func validate() throws {
    try PathOrContent(name: "objstore.config", path: path, content: content).validate()
  }

  /// Reads the configuration.
  ///
  /// - Throws: ``CommandError``, which names the flag, and the line where there is one.
  public func configuration() async throws(CommandError) -> BucketConfiguration {
    let source = PathOrContent(name: "objstore.config", path: path, content: content)
    let text = try await source.text()
    do {
      return try BucketConfiguration.parse(yaml: text)
    } catch {
      throw CommandError("\(source.origin): \(error)")
    }
  }

  /// The bucket that the configuration names.
  public func makeBucket() async throws(CommandError) -> any Bucket {
    let configuration = try await configuration()
    do {
      return try configuration.makeBucket()
    } catch {
      throw CommandError("\(error)")
    }
  }
}
