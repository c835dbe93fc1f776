internal import Synchronization
public import TSDBBlock
public import Telemetry

/// Keeps compiled regular expressions, as dashboards ask with the same ones again and again.
public final class MatcherCache: Sendable {
  private struct Key: Hashable {
    let kind: LabelMatcher.Kind
    let name: [UInt8]
    let pattern: [UInt8]
  }

  /// Longer patterns are compiled each time: a count does not bound what they take.
  private static let patternByteLimit = 64 << 10

  private let maximumCount: Int
  private let table = Mutex(RecencyTable<Key, LabelMatcher>())
  private let requests: Counter
  private let hits: Counter
  private let evicted: Counter
  private let count: Gauge

  /// - Parameter maximumCount: how many are kept; 0 keeps none and counts nothing.
  public init(maximumCount: Int, registry: MetricRegistry) {
    self.maximumCount = maximumCount
    requests = registry.counter(
      "thanos_matchers_cache_requests_total", help: "Regular matchers asked for.")
    hits = registry.counter(
      "thanos_matchers_cache_hits_total", help: "Regular matchers that were compiled before.")
    evicted = registry.counter(
      "thanos_matchers_cache_evicted_total", help: "Compiled matchers that made room for others.")
    count = registry.gauge("thanos_matchers_cache_items", help: "Compiled matchers that are kept.")
    registry.gauge(
      "thanos_matchers_cache_max_items", help: "Compiled matchers that may be kept."
    ).set(maximumCount)
  }

  /// The matcher, compiled now or before.
  ///
  /// - Throws: ``BlockError`` with the code `invalidMatcher` when a pattern is not valid. Nothing
  ///   is kept then.
  public func matcher(
    _ kind: LabelMatcher.Kind, name: [UInt8], value: [UInt8]
  ) throws(BlockError) -> LabelMatcher {
    guard maximumCount > 0, kind == .regex || kind == .notRegex,
      value.count <= Self.patternByteLimit, name.count <= Self.patternByteLimit
    else { return try LabelMatcher(kind, name: name, value: value) }
    let key = Key(kind: kind, name: name, pattern: value)
    let hash = UInt32(truncatingIfNeeded: key.hashValue)
    requests.increment()
    if let known = table.withLock({ $0.value(for: key, hash: hash) }) {
      hits.increment()
      return known
    }
    // Two callers may compile the same pattern; that costs less than one waiting for the other.
    let made = try LabelMatcher(kind, name: name, value: value)
    keep(made, for: key, hash: hash)
    return made
  }

  private func keep(_ matcher: LabelMatcher, for key: Key, hash: UInt32) {
    let removed = table.withLock { table -> LabelMatcher? in
      guard table.value(for: key, hash: hash) == nil else { return nil }
      let removed = table.count < maximumCount ? nil : table.removeOldest()?.value
      table.insert(matcher, for: key, hash: hash)
      if removed == nil { count.increment() } else { evicted.increment() }
      return removed
    }
    // Released here, where nobody waits.
    _ = consume removed
  }
}
