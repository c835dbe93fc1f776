internal import IndexCache
internal import RemoteCache
internal import Synchronization
internal import Telemetry

/// Values in memory that were used last, and whose time is not over.
///
/// A value is charged for its bytes and the 16 that describe a slice in Go; the memory that keys
/// take is bounded by four times the size.
final class MemoryCache: SharedCache {
  private struct Key: Equatable, Sendable {
    let bytes: [UInt8]
    let hash: UInt32

    init(_ text: String) {
      bytes = Array(text.utf8)
      var hasher = Hasher()
      hasher.combine(bytes)
      hash = UInt32(truncatingIfNeeded: hasher.finalize())
    }
  }

  private struct Entry: Sendable {
    let value: [UInt8]
    let end: ContinuousClock.Instant

    var charge: Int { 16 + value.count }
  }

  private struct Contents {
    var table = RecencyTable<Key, Entry>()
    var charged = 0
    var keyBytes = 0
  }

  private let maximumSize: Int
  private let maximumItemSize: Int
  private let now: @Sendable () -> ContinuousClock.Instant
  private let contents = Mutex(Contents())
  private let metrics: MemoryCacheMetrics

  init(
    maximumSize: Int, maximumItemSize: Int, name: String, registry: MetricRegistry,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.maximumSize = maximumSize
    self.maximumItemSize = maximumItemSize
    self.now = now
    metrics = MemoryCacheMetrics(
      maximumSize: maximumSize, maximumItemSize: maximumItemSize, name: name, registry: registry)
  }

  func fetch(_ keys: [String]) async -> [[UInt8]?] {
    let keys = keys.map(Key.init)
    let now = now()
    var hits = 0
    var expired = 0
    let values = contents.withLock { contents in
      keys.map { key -> [UInt8]? in
        guard let entry = contents.table.value(for: key, hash: key.hash) else { return nil }
        guard entry.end > now else {
          remove(key, from: &contents)
          expired += 1
          return nil
        }
        hits += 1
        return entry.value
      }
    }
    metrics.requests.increment(by: keys.count)
    metrics.hits.increment(by: hits)
    metrics.expired.increment(by: expired)
    return values
  }

  func store(_ entries: [(key: String, value: [UInt8])], lifetime: Duration) {
    let end = now() + lifetime
    for (text, value) in entries {
      let key = Key(text)
      let entry = Entry(value: value, end: end)
      guard entry.charge <= min(maximumItemSize, maximumSize) else {
        metrics.overflowed.increment()
        continue
      }
      contents.withLock { contents in
        remove(key, from: &contents)
        while contents.charged > maximumSize - entry.charge
          || contents.keyBytes / 4 > maximumSize || contents.table.isFull
        {
          guard let oldest = contents.table.removeOldest() else { break }
          account(oldest, sign: -1, in: &contents)
          metrics.evicted.increment()
        }
        contents.table.insert(entry, for: key, hash: key.hash)
        account((key, entry), sign: 1, in: &contents)
        metrics.added.increment()
      }
    }
  }

  private func remove(_ key: Key, from contents: inout Contents) {
    guard let removed = contents.table.remove(key, hash: key.hash) else { return }
    account(removed, sign: -1, in: &contents)
  }

  private func account(_ entry: (key: Key, value: Entry), sign: Int, in contents: inout Contents) {
    let keySize = 16 + entry.key.bytes.count
    contents.charged += sign * entry.value.charge
    contents.keyBytes += sign * keySize
    metrics.items.add(Double(sign))
    metrics.size.add(Double(sign * entry.value.charge))
    metrics.total.add(Double(sign * (entry.value.charge + keySize)))
  }
}
