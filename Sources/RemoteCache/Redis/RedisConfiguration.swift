package import ObjectStore
internal import TransportSecurity

/// How to reach Redis: the part `config` of documents of type REDIS.
package struct RedisConfiguration: Equatable, Sendable {
  /// Of a server, of servers of a cluster, or of sentinels.
  var addresses: [ServerAddress]
  /// Stands before every key.
  var prefix = ""
  var user = ""
  var password = ""
  var database = 0
  var connectTimeout = Duration.seconds(5)
  var readTimeout = Duration.seconds(3)
  var writeTimeout = Duration.seconds(3)
  /// Requests for values at once; 0 for any number.
  var getConcurrency = 100
  /// Keys in one request.
  var getBatchSize = 100
  var setConcurrency = 100
  /// Values sent at once.
  var setBatchSize = 100
  /// Nil for connections that are not encrypted.
  var security: ClientTLS?
  /// Bytes of values to keep in the memory of this process too.
  package var memorySize = ByteSize(byteCount: 0)
  /// What sentinels call the server; nil when addresses are not those of sentinels.
  var masterName: String?
  /// Values that wait to be sent.
  var setBufferSize = 10_000
  /// Tasks that send values.
  var asyncConcurrency = 20
  var setBreaker = BreakerConfiguration()

  package init(_ node: ConfigurationNode?, line: Int?) throws(ConfigurationError) {
    let missing = "no addr in config; write \"addr: HOST:PORT\""
    guard let node else { throw ConfigurationError(line: line, detail: missing) }
    let mapping = try StrictMapping(
      node, name: "config",
      known: [
        "addr", "prefix", "username", "password", "db", "dial_timeout", "read_timeout",
        "write_timeout", "max_get_multi_concurrency", "get_multi_batch_size",
        "max_set_multi_concurrency", "set_multi_batch_size", "tls_enabled", "tls_config",
        "cache_size", "master_name", "max_async_buffer_size", "max_async_concurrency",
        "set_async_circuit_breaker_config",
      ])
    addresses = []
    for text in (try mapping.string("addr") ?? "").split(separator: ",") {
      let text = String(text.drop { $0 == " " })
      guard let address = ServerAddress(text) else {
        throw mapping.wrong("addr", "\"\(text)\" is no address, such as \"HOST:PORT\"")
      }
      addresses.append(address)
    }
    guard !addresses.isEmpty else { throw mapping.wrong("addr", missing) }
    prefix = try mapping.string("prefix") ?? ""
    user = try mapping.string("username") ?? ""
    password = try mapping.string("password") ?? ""
    database = try mapping.count("db") ?? 0
    connectTimeout = try mapping.positive("dial_timeout") ?? connectTimeout
    readTimeout = try mapping.positive("read_timeout") ?? readTimeout
    writeTimeout = try mapping.positive("write_timeout") ?? writeTimeout
    getConcurrency = try mapping.count("max_get_multi_concurrency") ?? getConcurrency
    getBatchSize = try mapping.count("get_multi_batch_size") ?? getBatchSize
    setConcurrency = try mapping.count("max_set_multi_concurrency") ?? setConcurrency
    setBatchSize = try mapping.count("set_multi_batch_size") ?? setBatchSize
    memorySize = try mapping.size("cache_size") ?? memorySize
    let master = try mapping.string("master_name") ?? ""
    masterName = master.isEmpty ? nil : master
    setBufferSize = try mapping.count("max_async_buffer_size") ?? setBufferSize
    asyncConcurrency = try mapping.count("max_async_concurrency") ?? asyncConcurrency
    setBreaker = try BreakerConfiguration(mapping["set_async_circuit_breaker_config"])
    let tls = try mapping["tls_config"].map { node throws(ConfigurationError) in
      try ClientTLS(node, hasVersion: true)
    }
    if try mapping.flag("tls_enabled") ?? false { security = tls ?? ClientTLS() }
  }

  /// Reads the files that the configuration names, as connecting will.
  ///
  /// - Throws: an error that names the file.
  package func checkFiles() async throws(ConfigurationError) {
    guard let security else { return }
    _ = try await onBlockingThread { () throws(ConfigurationError) in try security.context() }
  }
}
