public import ArgumentParser
public import Buckets
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

  /// Where the configuration comes from, to read it now and later.
  public var source: ObjectStoreSource {
    ObjectStoreSource(
      source: PathOrContent(name: "objstore.config", path: path, content: content))
  }

  /// Whether a bucket is named at all.
  public var isGiven: Bool { source.source.isGiven }

  public func validate() throws {
    try source.source.validate(isOptional: true)
  }

  /// Reads the configuration.
  ///
  /// - Throws: ``CommandError``, which names the flag, and the line where there is one.
  public func configuration() async throws(CommandError) -> BucketConfiguration {
    try await source.configuration()
  }

  /// The bucket that the configuration names.
  public func makeBucket() async throws(CommandError) -> any Bucket {
    try await source.makeBucket(source.configuration())
  }
}

/// Where the configuration of a bucket comes from.
public struct ObjectStoreSource: Sendable {
  let source: PathOrContent

  init(source: PathOrContent) { self.source = source }

  /// One behind another pair of flags: `--NAME-file` and `--NAME`.
  public init(name: String, path: String?, content: String?) {
    source = PathOrContent(name: name, path: path, content: content)
  }

  /// Whether a bucket is named at all.
  public var isGiven: Bool { source.isGiven }

  /// - Throws: `ValidationError` when both flags are given, or none of a pair that is needed.
  public func validate(isOptional: Bool) throws { try source.validate(isOptional: isOptional) }

  /// Whether reading again can give something else.
  public var isFile: Bool { source.path != nil }

  /// What error messages call it.
  public var origin: String { source.origin }

  /// Reads the configuration.
  ///
  /// - Throws: ``CommandError``, which names the flag, and the line where there is one.
  public func configuration() async throws(CommandError) -> BucketConfiguration {
    guard source.isGiven else {
      throw CommandError("give --\(source.name)-file=PATH or --\(source.name)=YAML")
    }
    let text = try await source.text()
    do {
      return try BucketConfiguration.parse(yaml: text)
    } catch {
      throw CommandError("\(source.origin): \(error)")
    }
  }

  /// The bucket that a configuration names.
  public func makeBucket(
    _ configuration: BucketConfiguration
  ) throws(CommandError) -> any Bucket {
    do {
      return try configuration.makeBucket()
    } catch {
      throw CommandError("\(error)")
    }
  }
}
