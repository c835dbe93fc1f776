public import Logging
public import ObjectStore
internal import Synchronization
public import TSDBBlock

/// Finds the blocks of a bucket.
///
/// Looks at directories of the root that are named like a block, and nowhere else. A listing tells
/// which of meta.json and marks exist and when they changed; a file is read again only when its
/// size or time differs from what was read before.
public final class CatalogFetcher: Sendable {
  private let bucket: any Bucket
  private let rules: @Sendable () -> CatalogRules
  private let discovery: BlockDiscovery
  private let concurrency: Int
  private let metaCache: MetaCache?
  private let converted: ConvertedBlocks?
  private let metrics: CatalogMetrics?
  private let reader: BlockReading
  private let now: @Sendable () -> Int64
  private let state = Mutex(CatalogState())

  /// - Parameters:
  ///   - rules: asked for at every look, because a time partition may move with the clock.
  ///   - concurrency: how many blocks are looked at in parallel.
  ///   - metaCache: copies of metas that outlive the process; for remote buckets.
  ///   - converted: what is served from elsewhere and therefore hidden; nil for nothing.
  ///   - now: Unix milliseconds.
  public init(
    bucket: any Bucket, rules: @autoclosure @escaping @Sendable () -> CatalogRules,
    discovery: BlockDiscovery = .concurrent, concurrency: Int = 32, metaCache: MetaCache? = nil,
    converted: ConvertedBlocks? = nil, metrics: CatalogMetrics? = nil, logger: Logger,
    now: @escaping @Sendable () -> Int64
  ) {
    self.bucket = bucket
    self.rules = rules
    self.discovery = discovery
    self.concurrency = max(concurrency, 1)
    self.metaCache = metaCache
    self.converted = converted
    self.metrics = metrics
    self.now = now
    reader = BlockReading(bucket: bucket, metaCache: metaCache, metrics: metrics, logger: logger)
  }

  /// Looks at the whole bucket, for those who must not act on half a view.
  ///
  /// A block whose meta.json is missing or wrong becomes a partial one.
  ///
  /// - Throws: ``BucketError`` when the bucket cannot be listed, or when a file exists that cannot
  ///   be read.
  public func fetch() async throws(BucketError) -> CatalogSnapshot {
    let view = try await look()
    let first = state.withLock { $0.failures.min { $0.key < $1.key } }
    if let first { throw first.value }
    return view.snapshot
  }

  /// Looks at the whole bucket.
  ///
  /// What cannot be read, or is of a version that nobody knows, is a gap in the view; the other
  /// blocks are found nevertheless.
  ///
  /// - Throws: ``BucketError`` when the bucket cannot be listed.
  public func look() async throws(BucketError) -> CatalogView {
    metrics?.beginLook()
    let start = ContinuousClock.now
    do {
      await converted?.refresh()
      let outcomes = try await outcomes()
      let view = await finish(outcomes)
      metrics?.endLook(view, after: ContinuousClock.now - start)
      return view
    } catch {
      metrics?.failLook()
      throw error
    }
  }

  /// Looks at some blocks only; of the others the view holds what was seen last.
  ///
  /// - Precondition: ``look()`` has returned once.
  public func look(at ids: Set<BlockID>) async -> CatalogView {
    let known = state.withLock { $0.blocks }
    let reader = reader
    let outcomes = await inParallel(ids.sorted(), limit: concurrency) {
      (id) -> (BlockID, BlockOutcome) in
      (id, await reader.look(at: id, known: known[id]))
    }
    state.withLock { state in
      for (id, outcome) in outcomes { state.note(outcome, of: id) }
    }
    let view = currentView()
    metrics?.show(view.snapshot)
    return view
  }

  private func outcomes() async throws(BucketError) -> [(BlockID, BlockOutcome)] {
    let known = state.withLock { $0.blocks }
    let reader = reader
    switch discovery {
    case .concurrent:
      let ids = try await BlockDiscovery.directories(in: bucket)
      return await inParallel(ids, limit: concurrency) { (id) -> (BlockID, BlockOutcome) in
        (id, await reader.look(at: id, known: known[id]))
      }
    case .recursive:
      let listings = try await BlockDiscovery.listings(in: bucket)
      return await inParallel(Array(listings), limit: concurrency) {
        (entry) -> (BlockID, BlockOutcome) in
        (entry.key, await reader.look(at: entry.key, entry.value, known: known[entry.key]))
      }
    }
  }

  private func finish(_ outcomes: [(BlockID, BlockOutcome)]) async -> CatalogView {
    state.withLock { state in
      // A block that failed keeps what was known; one that is not among them is forgotten.
      let old = state
      state = CatalogState()
      for (id, outcome) in outcomes {
        state.blocks[id] = old.blocks[id]
        state.note(outcome, of: id)
      }
    }
    let view = currentView()
    if view.gap == nil { await metaCache?.retain(Set(view.directories)) }
    return view
  }

  private func currentView() -> CatalogView {
    let (found, gap) = state.withLock { ($0.found, $0.gap) }
    return CatalogView(
      snapshot: rules().apply(to: found, converted: converted?.sources ?? [], now: now()),
      directories: found.map(\.id).sorted(),
      gap: gap)
  }
}
