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

  private var source: PathOrContent {
    PathOrContent(name: "objstore.config", path: path, content: content)
  }

  /// Whether a bucket is named at all.
  public var isGiven: Bool { source.isGiven }

  public func validate() throws {
    try source.validate(isOptional: true)
  }

  /// Reads the configuration.
  ///
  /// - Throws: ``CommandError``, which names the flag, and the line where there is one.
  public func configuration() async throws(CommandError) -> BucketConfiguration {
    guard source.isGiven else {
      throw CommandError("give --objstore.config-file=PATH or --objstore.config=YAML")
    }
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
