import Logging
import ObjectStore
import Telemetry

@testable import RemoteCache

let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// A client of the servers in `config`.
func memcached(
  _ config: String, registry: MetricRegistry = MetricRegistry()
) throws -> MemcachedClient {
  let node = try ConfigurationNode.root(ofYAML: config)
  let configuration = try MemcachedConfiguration(node, line: nil)
  return MemcachedClient(configuration, name: "test", registry: registry, logger: quiet)
}

/// A client of the servers in `config`.
func redis(_ config: String, registry: MetricRegistry = MetricRegistry()) throws -> RedisClient {
  let node = try ConfigurationNode.root(ofYAML: config)
  let configuration = try RedisConfiguration(node, line: nil)
  return RedisClient(configuration, name: "test", registry: registry, logger: quiet)
}

extension SharedCache {
  /// Waits until the values that were stored can be fetched, for ten seconds.
  func waitFor(_ keys: [String]) async -> [[UInt8]?] {
    for _ in 0..<1000 {
      let values = await fetch(keys)
      if values.allSatisfy({ $0 != nil }) { return values }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return await fetch(keys)
  }
}

/// The value of one series of a registry.
func value(_ series: String, in registry: MetricRegistry) -> Double? {
  for line in registry.exposition(.text).split(separator: "\n") where line.hasPrefix(series + " ") {
    return Double(line.dropFirst(series.count + 1))
  }
  return nil
}

/// Waits until a condition holds, for ten seconds.
func eventually(_ condition: () async -> Bool) async -> Bool {
  for _ in 0..<1000 {
    if await condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return false
}
