internal import RemoteCache
internal import Telemetry

/// Counts what a cache is asked for and has.
struct CountedCache: SharedCache {
  private let cache: any SharedCache
  private let requests: Counter
  private let hits: Counter

  /// - Parameter kind: of the cache, a part of the names of the metrics.
  init(_ cache: any SharedCache, kind: String, name: String, registry: MetricRegistry) {
    self.cache = cache
    requests = registry.counter(
      "thanos_cache_\(kind)_requests_total", help: "Items that the cache was asked for.",
      labels: ["name": name])
    hits = registry.counter(
      "thanos_cache_\(kind)_hits_total", help: "Items that the cache was asked for and had.",
      labels: ["name": name])
  }

  func fetch(_ keys: [String]) async -> [[UInt8]?] {
    let values = await cache.fetch(keys)
    requests.increment(by: keys.count)
    hits.increment(by: values.count { $0 != nil })
    return values
  }

  func store(_ entries: [(key: String, value: [UInt8])], lifetime: Duration) {
    cache.store(entries, lifetime: lifetime)
  }
}

/// A near cache before one that is farther away: what the near one does not have comes from the
/// other, and stays in the near one for a while.
struct LayeredCache: SharedCache {
  let near: any SharedCache
  let far: any SharedCache
  /// How long what came from the far one, which does not tell how old it is, stays in the near one.
  var lifetime = Duration.seconds(60)

  func fetch(_ keys: [String]) async -> [[UInt8]?] {
    var values = await near.fetch(keys)
    let missing = keys.indices.filter { values[$0] == nil }
    guard !missing.isEmpty else { return values }
    let found = await far.fetch(missing.map { keys[$0] })
    var kept: [(key: String, value: [UInt8])] = []
    for (place, value) in zip(missing, found) {
      guard let value else { continue }
      values[place] = value
      kept.append((keys[place], value))
    }
    if !kept.isEmpty { near.store(kept, lifetime: lifetime) }
    return values
  }

  func store(_ entries: [(key: String, value: [UInt8])], lifetime: Duration) {
    near.store(entries, lifetime: lifetime)
    far.store(entries, lifetime: lifetime)
  }
}
