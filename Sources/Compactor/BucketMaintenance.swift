internal import BlockCatalog
internal import Logging
public import ObjectStore
public import TSDBBlock
internal import Telemetry

/// Single steps of a run, for a person who wants one of them now.
///
/// What a compactor does at the same time is not looked at: both may find the same work.
public struct BucketMaintenance: Sendable {
  private let configuration: CompactorConfiguration
  private let bucket: any Bucket
  private let environment: CompactorEnvironment

  /// - Parameter now: Unix milliseconds.
  public init(
    _ configuration: CompactorConfiguration, bucket: any Bucket,
    observer: any CompactionObserver = NoObserver(), now: @escaping @Sendable () -> Int64
  ) {
    self.configuration = configuration
    self.bucket = bucket
    environment = CompactorEnvironment(
      metrics: CompactorMetrics(registry: MetricRegistry()),
      logger: Logger(label: "maintenance") { _ in SwiftLogNoOpLogHandler() }, observer: observer,
      threadCount: max(1, configuration.threadCount), transfers: configuration.transfers,
      now: now)
  }

  /// Blocks that a cleanup deletes.
  public struct Cleanup: Sendable {
    /// Marked for longer than the delay, or left by a deletion that was interrupted.
    public var marked: [BlockID] = []
    /// Uploads that were given up.
    public var abandoned: [BlockID] = []
    /// One line for each block that could not be looked at or deleted.
    public var failures: [String] = []
  }

  /// Deletes blocks whose mark is due and uploads that were given up.
  ///
  /// - Parameter isDryRun: only find out which.
  /// - Throws: ``BucketError`` when the bucket cannot be seen as a whole.
  public func cleanUp(isDryRun: Bool) async throws(BucketError) -> Cleanup {
    let snapshot = try await snapshot()
    var cleanup = Cleanup()
    let uploads = PartialUploads(bucket: bucket, environment: environment)
    let sweep = DeletionSweep(
      bucket: bucket, delay: DeletionDelay(milliseconds: configuration.deleteDelay),
      environment: environment)
    let abandoned = await uploads.abandoned(in: snapshot)
    if isDryRun {
      cleanup.marked = sweep.due(in: snapshot)
      cleanup.abandoned = abandoned.ids
      cleanup.failures = abandoned.failures
    } else {
      cleanup.failures = await uploads.remove(from: snapshot)
      let left = await uploads.abandoned(in: snapshot)
      cleanup.abandoned = abandoned.ids.filter { !left.ids.contains($0) }
      let swept = await sweep.run(snapshot)
      cleanup.marked = swept.deleted.sorted()
      cleanup.failures += swept.failures
    }
    return cleanup
  }

  /// Marks blocks for deletion whose retention is over.
  ///
  /// - Parameter isDryRun: only find out which.
  /// - Returns: these blocks, and one line for each that could not be marked.
  /// - Throws: ``BucketError`` when the bucket cannot be seen as a whole.
  public func expire(
    isDryRun: Bool
  ) async throws(BucketError) -> (blocks: [BlockMeta], failures: [String]) {
    let snapshot = try await snapshot()
    let due = snapshot.entries.filter {
      $0.deletionMark == nil && configuration.retention.isOver($0.meta, now: environment.now())
    }
    guard !isDryRun else { return (due.map(\.meta), []) }
    let pass = RetentionPass(
      policy: configuration.retention, bucket: bucket, environment: environment)
    let report = await pass.run(snapshot)
    return (due.map(\.meta), report.failures)
  }

  /// Downsamples every block that is due, to five minutes and then to one hour.
  ///
  /// - Throws: ``BucketError`` when the bucket cannot be seen as a whole.
  public func downsample() async throws(BucketError) -> RunReport {
    let (dataDirectory, bucket) = (configuration.dataDirectory, bucket)
    let work = await onBlockingThread {
      WorkDirectory(dataDirectory: dataDirectory, bucket: bucket)
    }
    let pass = DownsamplingPass(
      configuration: configuration, bucket: bucket, work: work,
      leases: Leases(bucket: bucket, environment: environment, dataDirectory: dataDirectory),
      environment: environment)
    var report = RunReport()
    for _ in 0..<2 {
      report.add(await pass.run(try await snapshot(), skipping: report.skippedBlocks))
    }
    return report
  }

  private func snapshot() async throws(BucketError) -> CatalogSnapshot {
    try await CatalogFetcher(
      bucket: bucket, rules: configuration.rules, discovery: configuration.discovery,
      concurrency: configuration.fetchConcurrency, logger: environment.logger,
      now: environment.now
    ).fetch()
  }
}
