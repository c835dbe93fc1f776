public import BlockCatalog
public import Logging
public import ObjectStore
public import ServiceLifecycle
internal import TSDBBlock
internal import Telemetry

/// Compacts a bucket, once or again and again.
public struct CompactorService: Service {
  private let configuration: CompactorConfiguration
  private let bucket: any Bucket
  private let fetcher: CatalogFetcher
  private let environment: CompactorEnvironment
  private let onLook: @Sendable (Result<CatalogSnapshot, BucketError>) -> Void

  /// - Parameters:
  ///   - onLook: told of every look at the bucket.
  ///   - now: Unix milliseconds.
  public init(
    configuration: CompactorConfiguration, bucket: any Bucket, metrics: CompactorMetrics,
    logger: Logger, observer: any CompactionObserver = NoObserver(),
    onLook: @escaping @Sendable (Result<CatalogSnapshot, BucketError>) -> Void = { _ in },
    now: @escaping @Sendable () -> Int64
  ) {
    self.configuration = configuration
    self.bucket = bucket
    self.onLook = onLook
    environment = CompactorEnvironment(
      metrics: metrics, logger: logger, observer: observer,
      threadCount: max(1, configuration.threadCount), transfers: configuration.transfers, now: now)
    fetcher = CatalogFetcher(
      bucket: bucket, rules: configuration.rules, discovery: configuration.discovery,
      concurrency: configuration.fetchConcurrency, metrics: metrics.catalog, logger: logger,
      now: now)
  }

  /// Runs until graceful shutdown, or once without a ``CompactorConfiguration/waitInterval``.
  ///
  /// A shutdown abandons the merge under way; a block that is being published is finished.
  ///
  /// - Throws: ``CompactorFailure`` when a single run could not do everything.
  public func run() async throws {
    try await cancelWhenGracefulShutdown {
      guard let interval = configuration.waitInterval else {
        try await runOnce()
        return
      }
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          await BackgroundWork(
            configuration: configuration, bucket: bucket, view: view, environment: environment
          ).run()
        }
        await runRepeatedly(every: interval)
        group.cancelAll()
      }
    }
  }

  private var view: BucketView {
    BucketView(fetcher: fetcher, onLook: onLook)
  }

  /// Runs once and tells what was done, whether or not everything could be.
  public func compact() async throws(BucketError) -> RunReport {
    let (dataDirectory, bucket) = (configuration.dataDirectory, bucket)
    let work = await onBlockingThread {
      WorkDirectory(dataDirectory: dataDirectory, bucket: bucket)
    }
    let iteration = Iteration(
      configuration: configuration, bucket: bucket, view: view, work: work,
      leases: Leases(
        bucket: bucket, environment: environment, dataDirectory: configuration.dataDirectory),
      environment: environment)
    return try await iteration.run()
  }

  /// What a run would do, and why not, without doing anything.
  ///
  /// - Throws: ``BucketError`` when the bucket cannot be seen as a whole.
  public func plan() async throws(BucketError) -> BucketPlan {
    let snapshot = try await fetcher.fetch()
    var sizes: [BlockID: Int64] = [:]
    for entry in snapshot.entries
    where (entry.meta.thanos?.files.last { $0.path == "index" }?.size ?? 0) <= 0 {
      guard let index = try? ObjectName("\(entry.id)/index"),
        let attributes = try? await bucket.attributes(index)
      else { continue }
      sizes[entry.id] = Int64(attributes.size)
    }
    return BucketPlan(snapshot, configuration, indexSizes: sizes, now: environment.now())
  }

  private func runOnce() async throws {
    let report = try await compact()
    guard !Task.isCancelled else { return }
    guard report.isClean else { throw CompactorFailure(report) }
    environment.metrics.iterations.increment()
    environment.logger.info(
      "compaction is done",
      metadata: [
        "new_blocks": "\(report.mergedBlocks.count)",
        "downsampled_blocks": "\(report.downsampledBlocks.count)",
        "deleted_blocks": "\(report.deletedBlocks)",
      ])
  }

  private func runRepeatedly(every interval: Duration) async {
    var next = ContinuousClock.now
    while !Task.isCancelled {
      do {
        let report = try await compact()
        if report.isClean, !Task.isCancelled { environment.metrics.iterations.increment() }
        if configuration.haltsOnError, !report.isClean {
          await halt(CompactorFailure(report))
          return
        }
      } catch {
        environment.metrics.retries.increment()
        environment.logger.error(
          "run failed and is tried again", metadata: ["error": "\(error)", "after": "\(interval)"])
      }
      // Runs that took longer than the interval are not made up for.
      next = max(next + interval, ContinuousClock.now)
      try? await Task.sleep(until: next, clock: .continuous)
    }
  }
}

extension CompactorService {
  /// Does nothing any more until it is cancelled, as the reference does after an unexpected error.
  private func halt(_ failure: CompactorFailure) async {
    environment.metrics.halted.set(1)
    environment.logger.critical(
      "halted after an error, as --debug.halt-on-error asks for; restart to go on",
      metadata: ["error": "\(failure)"])
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
  }
}

/// A single run left something undone.
public struct CompactorFailure: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ report: RunReport) {
    var parts = report.failures
    if !report.overlappingGroups.isEmpty {
      parts.append(
        "groups with overlapping blocks were left alone: "
          + report.overlappingGroups.joined(separator: ", "))
    }
    description = parts.joined(separator: "; ")
  }
}
