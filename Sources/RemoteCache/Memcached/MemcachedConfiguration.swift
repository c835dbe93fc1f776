package import ObjectStore

/// How to reach memcached: the part `config` of documents of type MEMCACHED.
package struct MemcachedConfiguration: Equatable, Sendable {
  var addresses: [CacheAddress]
  /// For connecting, and for an answer.
  var timeout = Duration.milliseconds(500)
  /// Connections to each server that wait to be used again.
  var maximumIdleConnections = 100
  /// Tasks that send values.
  var setConcurrency = 20
  /// Values that wait to be sent.
  var setBufferSize = 10_000
  /// Requests for values at once; 0 for any number.
  var getConcurrency = 100
  /// Larger values are not sent; 0 for any size.
  var maximumItemSize = ByteSize(byteCount: 1 << 20)
  /// Keys in one request; 0 for as many as there are.
  var getBatchSize = 0
  /// How old what is known of the servers may be.
  var addressLifetime = Duration.seconds(10)
  /// Whether the addresses are asked for those of the servers.
  var discovers = false
  var setBreaker = BreakerConfiguration()

  package init(_ node: ConfigurationNode?, line: Int?) throws(ConfigurationError) {
    let missing = "no addresses in config; write \"addresses: [HOST:PORT]\""
    guard let node else { throw ConfigurationError(line: line, detail: missing) }
    let mapping = try StrictMapping(
      node, name: "config",
      known: [
        "addresses", "timeout", "max_idle_connections", "max_async_concurrency",
        "max_async_buffer_size", "max_get_multi_concurrency", "max_item_size",
        "max_get_multi_batch_size", "dns_provider_update_interval", "auto_discovery",
        "set_async_circuit_breaker_config",
      ])
    let texts = try mapping.strings("addresses") ?? []
    guard !texts.isEmpty else { throw mapping.wrong("addresses", missing) }
    addresses = []
    for (place, text) in texts.enumerated() {
      guard let address = CacheAddress(text) else {
        throw ConfigurationError(
          line: mapping["addresses"]?.elements?[place].line,
          detail: "\"\(text)\" is no address, such as \"HOST:PORT\" or \"dns+NAME:PORT\"")
      }
      addresses.append(address)
    }
    timeout = try mapping.positive("timeout") ?? timeout
    maximumIdleConnections = try mapping.count("max_idle_connections") ?? maximumIdleConnections
    setConcurrency = try mapping.count("max_async_concurrency") ?? setConcurrency
    setBufferSize = try mapping.count("max_async_buffer_size") ?? setBufferSize
    getConcurrency = try mapping.count("max_get_multi_concurrency") ?? getConcurrency
    maximumItemSize = try mapping.size("max_item_size") ?? maximumItemSize
    getBatchSize = try mapping.count("max_get_multi_batch_size") ?? getBatchSize
    addressLifetime = try mapping.positive("dns_provider_update_interval") ?? addressLifetime
    discovers = try mapping.flag("auto_discovery") ?? discovers
    setBreaker = try BreakerConfiguration(mapping["set_async_circuit_breaker_config"])
    guard setConcurrency > 0 else {
      throw mapping.wrong("max_async_concurrency", "max_async_concurrency must be positive")
    }
  }
}

extension StrictMapping {
  /// A length of time that is not 0.
  func positive(_ key: String) throws(ConfigurationError) -> Duration? {
    guard let duration = try duration(key) else { return nil }
    guard duration > .zero else { throw wrong(key, "\(key) must be longer than 0s") }
    return duration
  }
}
