import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import CachingBucket

@Suite struct MemoryCacheTests {
  private let registry = MetricRegistry()

  private func metric(_ name: String) -> Double? {
    let series = "thanos_cache_inmemory_\(name){name=\"c\"} "
    for line in registry.exposition(.text).split(separator: "\n") where line.hasPrefix(series) {
      return Double(line.dropFirst(series.count))
    }
    return nil
  }

  @Test func `what was used last stays, and what is stored again is replaced`() async {
    let cache = MemoryCache(maximumSize: 78, maximumItemSize: 40, name: "c", registry: registry)
    func value(_ byte: UInt8) -> [UInt8] { Array(repeating: byte, count: 10) }
    cache.store([("a", value(1)), ("b", value(2)), ("c", value(3))], lifetime: .seconds(60))
    _ = await cache.fetch(["a"])
    cache.store([("b", value(9))], lifetime: .seconds(60))
    cache.store(
      [("d", value(4)), ("huge", Array(repeating: 0, count: 25))], lifetime: .seconds(60))
    #expect(
      await cache.fetch(["a", "b", "c", "d", "huge"]) == [value(1), value(9), nil, value(4), nil])
    #expect(metric("items") == 3)
    #expect(metric("items_size_bytes") == 78)
    #expect(metric("items_evicted_total") == 1)
    #expect(metric("items_overflowed_total") == 1)
    #expect(metric("requests_total") == 6)
    #expect(metric("hits_total") == 4)
  }

  @Test func `a value whose time is over is none`() async {
    let time = Shared(ContinuousClock.now)
    let cache = MemoryCache(
      maximumSize: 1000, maximumItemSize: 1000, name: "c", registry: registry
    ) {
      time.value
    }
    cache.store([("a", [1])], lifetime: .seconds(5))
    #expect(await cache.fetch(["a"]) == [[1]])
    time.advance(.seconds(5))
    #expect(await cache.fetch(["a"]) == [nil])
    #expect(metric("hits_on_expired_data_total") == 1)
    #expect(metric("items") == 0)
    #expect(metric("total_size_bytes") == 0)
  }

  private final class Shared: Sendable {
    private let time: Mutex<ContinuousClock.Instant>
    init(_ value: ContinuousClock.Instant) { time = Mutex(value) }
    var value: ContinuousClock.Instant { time.withLock { $0 } }
    func advance(_ duration: Duration) { time.withLock { $0 += duration } }
  }
}
