internal import ArgumentParser
internal import CommandSupport
internal import ObjectStore

/// `--objstore-parquet.config-file` and `--objstore-parquet.config`: the bucket of blocks that were
/// converted to Parquet, and that somebody else serves.
struct ConvertedBlocksOptions: ParsableArguments {
  @Option(
    name: .customLong("objstore-parquet.config-file"),
    help: ArgumentHelp(
      "YAML file that says which bucket holds blocks converted to Parquet. What they were made from "
        + "is not served.", valueName: "path"))
  var path: String?

  @Option(
    name: .customLong("objstore-parquet.config"),
    help: ArgumentHelp("The same as text.", valueName: "yaml"))
  var content: String?

  private var source: ObjectStoreSource {
    ObjectStoreSource(name: "objstore-parquet.config", path: path, content: content)
  }

  func validate() throws { try source.validate(isOptional: true) }

  /// The bucket; nil when none is named.
  ///
  /// - Throws: ``CommandError``, which names the flag and the line.
  func makeBucket() async throws(CommandError) -> (any Bucket)? {
    guard source.isGiven else { return nil }
    return try source.makeBucket(try await source.configuration())
  }
}
