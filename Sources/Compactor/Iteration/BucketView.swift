internal import BlockCatalog
internal import ObjectStore
internal import Telemetry

/// Looks at the bucket as often as a run needs it, and counts that.
struct BucketView: Sendable {
  let fetcher: CatalogFetcher
  let metrics: CompactorMetrics
  /// Told of every look at the bucket.
  let onLook: @Sendable (Result<CatalogSnapshot, BucketError>) -> Void

  /// - Throws: ``BucketError`` when the bucket cannot be seen as a whole.
  func fetch() async throws(BucketError) -> CatalogSnapshot {
    metrics.syncs.increment()
    let start = ContinuousClock.now
    do {
      let snapshot = try await fetcher.fetch()
      metrics.syncSeconds.observe(ContinuousClock.now - start)
      for (state, count) in snapshot.counts { metrics.syncedBlocks(state).set(count) }
      metrics.removedReplicaLabels.set(snapshot.removedReplicaLabels)
      onLook(.success(snapshot))
      return snapshot
    } catch {
      onLook(.failure(error))
      metrics.syncFailures.increment()
      throw error
    }
  }
}
