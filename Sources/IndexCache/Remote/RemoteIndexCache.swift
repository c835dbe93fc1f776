internal import RemoteCache
internal import TSDBBlock
internal import Telemetry

/// Parts of indexes in a cache outside of the process, under the keys and in the forms of Thanos, so
/// that processes of both share it.
final class RemoteIndexCache: IndexCache {
  private let shared: any SharedCache
  private let enabledKinds: Set<IndexCacheItem.Kind>
  private let lifetime: Duration
  private let isBehindAnother: Bool
  private let metrics: IndexCacheMetrics

  /// - Parameters:
  ///   - enabledKinds: other kinds are neither kept nor counted.
  ///   - lifetime: of values.
  ///   - isBehindAnother: whether another cache was asked before, which counts what is asked for
  ///     and kept; what is found here is counted here.
  init(
    _ shared: any SharedCache, enabledKinds: Set<IndexCacheItem.Kind>, lifetime: Duration,
    isBehindAnother: Bool, metrics: IndexCacheMetrics
  ) {
    self.isBehindAnother = isBehindAnother
    self.shared = shared
    self.enabledKinds = enabledKinds
    self.lifetime = lifetime
    self.metrics = metrics
  }

  func fetch(
    _ items: [IndexCacheItem], of block: BlockID, tenant: String
  ) async -> [[UInt8]?] {
    let start = ContinuousClock.now
    let wanted = items.indices.filter { enabledKinds.contains(items[$0].kind) }
    var values = [[UInt8]?](repeating: nil, count: items.count)
    guard !wanted.isEmpty else { return values }
    let found = await shared.fetch(wanted.map { items[$0].remoteKey(of: block) })
    var requests = KindTally()
    var hits = KindTally()
    for (place, value) in zip(wanted, found) {
      values[place] = value
      if !isBehindAnother { requests[items[place].kind] += 1 }
      if value != nil { hits[items[place].kind] += 1 }
    }
    metrics.recordFetch(
      requests: requests, hits: hits, duration: ContinuousClock.now - start, tenant: tenant)
    return values
  }

  func store(
    _ entries: [(item: IndexCacheItem, value: [UInt8])], of block: BlockID, tenant: String
  ) {
    let entries = entries.filter { enabledKinds.contains($0.item.kind) }
    shared.store(
      entries.map { ($0.item.remoteKey(of: block), $0.value) }, lifetime: lifetime)
    guard !isBehindAnother else { return }
    metrics.recordStored(entries.lazy.map { ($0.item.kind, $0.value.count) }, tenant: tenant)
  }
}
