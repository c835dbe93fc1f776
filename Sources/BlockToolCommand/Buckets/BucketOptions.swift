internal import ArgumentParser
internal import BlockCatalog
internal import BlockViewer
internal import CommandSupport
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// The bucket that a `bucket` command works on.
struct BucketOptions: ParsableArguments {
  @OptionGroup var objectStore: ObjectStoreOptions

  func validate() throws {
    guard objectStore.isGiven else {
      throw ValidationError("Give --objstore.config-file=PATH or --objstore.config=YAML.")
    }
  }

  func open(_ context: ToolContext) throws -> any Bucket {
    try context.openBucket(objectStore.source)
  }
}

/// A look at all blocks of a bucket.
enum BucketLook {
  /// - Parameters:
  ///   - rules: which blocks are wanted; all, marked ones and duplicates too, if not given.
  ///   - concurrency: blocks looked at at once.
  /// - Throws: ``BucketError`` when not all of the bucket can be seen.
  static func snapshot(
    of bucket: any Bucket, _ rules: CatalogRules = BucketBlocks.rules, concurrency: Int = 32
  ) throws -> CatalogSnapshot {
    try waitFor {
      let fetcher = CatalogFetcher(
        bucket: bucket, rules: rules, concurrency: concurrency, logger: .silent,
        now: WallClock.milliseconds)
      return try await fetcher.fetch()
    }
  }
}

extension Logger {
  /// For library code whose results the tool tells itself.
  static let silent = Logger(label: "blocktool") { _ in SwiftLogNoOpLogHandler() }
}
