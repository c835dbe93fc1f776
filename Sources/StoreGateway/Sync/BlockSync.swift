internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Brings what is served in line with what lies in the bucket.
///
///     bucket ─► catalog (metas, rules) ─► open what is new ─► publish ─► drop what is gone
///
/// A block that cannot be opened is counted, logged and tried again at the next sync; the others
/// are served meanwhile. When the bucket cannot be seen as a whole nothing is dropped.
actor BlockSync {
  /// Blocks opened at the same time: opening waits for a disk more than it computes.
  private static let parallelLoads = 16

  private let bucket: any Bucket
  private let fetcher: CatalogFetcher
  private let published: PublishedBlocks
  private let metrics: SyncMetrics
  private let executor: BlockingExecutor
  private let logger: Logger
  private var loaded: [BlockID: LoadedBlock] = [:]
  /// Errors already logged, so that a broken block is told of once and not at every sync.
  private var failures: [BlockID: String] = [:]
  private var isFirst = true

  init(
    bucket: any Bucket, fetcher: CatalogFetcher, publishing published: PublishedBlocks,
    metrics: SyncMetrics, executor: BlockingExecutor, logger: Logger
  ) {
    self.bucket = bucket
    self.fetcher = fetcher
    self.published = published
    self.metrics = metrics
    self.executor = executor
    self.logger = logger
  }

  /// One sync.
  ///
  /// - Throws: ``BucketError`` when the bucket could not be looked at; what was served stays.
  func run() async throws(BucketError) {
    let start = ContinuousClock.now
    metrics.syncs.increment()
    let catalog: CatalogSnapshot
    do {
      catalog = try await fetcher.fetch()
    } catch {
      metrics.syncFailures.increment()
      throw error
    }
    metrics.show(catalog.counts)
    let changed = catalog.entries.filter { loaded[$0.id]?.meta != $0.meta }
    let opened = await open(changed.map(\.meta))
    apply(catalog, opened)
    metrics.syncDuration.observe(ContinuousClock.now - start)
  }

  private func apply(_ catalog: CatalogSnapshot, _ opened: [Opened]) {
    let present = Set(catalog.entries.map(\.id))
    let gone = loaded.keys.filter { !present.contains($0) }
    for id in gone {
      loaded[id] = nil
      logger.info("dropped a block", metadata: ["block": "\(id)"])
    }
    metrics.drops.increment(by: gone.count)
    failures = failures.filter { present.contains($0.key) }
    for result in opened {
      metrics.loads.increment()
      metrics.loadDuration.observe(result.duration)
      switch result.block {
      case .success(let block):
        loaded[result.id] = block
        failures[result.id] = nil
        metrics.lastLoaded.set(Double(WallClock.milliseconds()) / 1000)
      case .failure(let error):
        metrics.loadFailures.increment()
        note(error, of: result.id)
      }
    }
    metrics.loaded.set(loaded.count)
    guard isFirst || !gone.isEmpty || !opened.isEmpty else { return }
    published.publish(BlockSetSnapshot(loaded.values))
    if isFirst, catalog.entries.isEmpty {
      logger.warning(
        "the bucket holds no blocks; is it the right one?", metadata: ["bucket": "\(bucket.name)"])
    }
    isFirst = false
    logger.info("serving blocks", metadata: ["count": "\(loaded.count)"])
  }

  private func note(_ error: BlockError, of id: BlockID) {
    let text = "\(error)"
    guard failures[id] != text else { return }
    failures[id] = text
    logger.warning(
      "cannot open a block; it is tried again at the next sync",
      metadata: ["block": "\(id)", "error": "\(text)"])
  }

  // MARK: - Opening

  private struct Opened: Sendable {
    var id: BlockID
    var block: Result<LoadedBlock, BlockError>
    var duration: Duration
  }

  private func open(_ metas: [BlockMeta]) async -> [Opened] {
    let bucket = bucket
    let executor = executor
    return await withTaskGroup(of: Opened.self) { group in
      var waiting = metas[...]
      for meta in waiting.prefix(Self.parallelLoads) {
        group.addTask { await Self.open(meta, in: bucket, on: executor) }
      }
      waiting = waiting.dropFirst(Self.parallelLoads)
      var results: [Opened] = []
      for await result in group {
        results.append(result)
        guard let meta = waiting.popFirst() else { continue }
        group.addTask { await Self.open(meta, in: bucket, on: executor) }
      }
      return results
    }
  }

  private static func open(
    _ meta: BlockMeta, in bucket: any Bucket, on executor: BlockingExecutor
  ) async -> Opened {
    let start = ContinuousClock.now
    let block = await onBlockingThread(executor: executor) {
      () -> Result<LoadedBlock, BlockError> in
      guard let directory = directory(of: meta.id, in: bucket) else {
        return .failure(
          BlockError(
            .unreadable, detail: "the bucket has no local files; only FILESYSTEM is served yet"))
      }
      return Result { () throws(BlockError) in try LoadedBlock(meta, directory: directory) }
    }
    return Opened(id: meta.id, block: block, duration: ContinuousClock.now - start)
  }

  private static func directory(of id: BlockID, in bucket: any Bucket) -> String? {
    (try? ObjectName("\(id)")).flatMap(bucket.localPath)
  }
}
