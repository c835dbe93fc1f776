internal import Synchronization
public import TSDBBlock
public import Telemetry

/// Keeps what was used last, up to a number of bytes, in the memory of this process.
///
/// Values are kept as they come, without a copy, unless most of their memory is unused. Waits for
/// nothing: the lock is held for some items at a time, each of which takes constant time.
public final class InMemoryIndexCache: IndexCache {
  private let enabledKinds: Set<IndexCacheItem.Kind>
  private let contents: Mutex<CacheContents>
  private let metrics: IndexCacheMetrics
  private let memoryMetrics: InMemoryIndexCacheMetrics

  /// Items asked for or added under one hold of the lock.
  private static let batchSize = 256

  /// - Parameters:
  ///   - maximumSize: what all entries may be charged: bytes of their values and 16 each.
  ///   - maximumItemSize: what one may be charged; larger ones are not kept.
  ///   - enabledKinds: other kinds are neither kept nor counted.
  public init(
    maximumSize: Int, maximumItemSize: Int,
    enabledKinds: Set<IndexCacheItem.Kind> = Set(IndexCacheItem.Kind.allCases),
    registry: MetricRegistry
  ) {
    self.enabledKinds = enabledKinds
    contents = Mutex(
      CacheContents(maximumSize: maximumSize, maximumItemSize: maximumItemSize))
    metrics = IndexCacheMetrics(registry: registry)
    memoryMetrics = InMemoryIndexCacheMetrics(
      maximumSize: maximumSize, maximumItemSize: maximumItemSize, registry: registry)
  }

  public func fetch(
    _ items: [IndexCacheItem], of block: BlockID, tenant: String
  ) async -> [[UInt8]?] {
    let start = ContinuousClock.now
    var requests = KindTally()
    var hits = KindTally()
    var values: [[UInt8]?] = []
    values.reserveCapacity(items.count)
    for batch in Self.batches(items.count) {
      let hashes = items[batch].map { Self.hash($0, of: block) }
      contents.withLock { contents in
        for (item, hash) in zip(items[batch], hashes) {
          guard enabledKinds.contains(item.kind) else {
            values.append(nil)
            continue
          }
          let value = contents.value(for: .init(block: block, item: item), hash: hash)
          requests[item.kind] += 1
          if value != nil { hits[item.kind] += 1 }
          values.append(value)
        }
      }
    }
    metrics.recordFetch(
      requests: requests, hits: hits, duration: ContinuousClock.now - start, tenant: tenant)
    return values
  }

  public func store(
    _ entries: [(item: IndexCacheItem, value: [UInt8])], of block: BlockID, tenant: String
  ) {
    let entries = entries.filter { enabledKinds.contains($0.item.kind) }
    for batch in Self.batches(entries.count) {
      let hashes = entries[batch].map { Self.hash($0.item, of: block) }
      let values = entries[batch].map { Self.trimmed($0.value) }
      var change = CacheContents.Change()
      contents.withLock { contents in
        for (index, entry) in entries[batch].enumerated() {
          contents.add(
            values[index], for: .init(block: block, item: entry.item), hash: hashes[index],
            change: &change)
        }
      }
      memoryMetrics.record(change)
    }
    metrics.recordStored(entries.lazy.map { ($0.item.kind, $0.value.count) }, tenant: tenant)
  }

  private static func batches(_ count: Int) -> some Sequence<Range<Int>> {
    stride(from: 0, to: count, by: batchSize).lazy.map { $0..<min($0 + batchSize, count) }
  }

  /// A hash that nobody outside can foresee.
  private static func hash(_ item: IndexCacheItem, of block: BlockID) -> UInt32 {
    var hasher = Hasher()
    hasher.combine(block)
    hasher.combine(item)
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }

  /// The value in memory of its own size.
  private static func trimmed(_ value: [UInt8]) -> [UInt8] {
    value.capacity > 2 * value.count + 64 ? Array(value.rawSpan) : value
  }
}
