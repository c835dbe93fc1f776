package import Logging
internal import NIOCore
internal import ObjectStore
package import Telemetry

/// A client of Redis, or of what speaks its protocol: a server, a cluster, or what sentinels say.
///
/// Values are read and written with pipelines of GET and SET, which a cluster answers too where MGET
/// would be refused. A server that fails is not asked for a while, so that nobody waits for it.
package final class RedisClient: SharedCache {
  private let configuration: RedisConfiguration
  private let directory: RedisDirectory
  private let servers: ServerTable
  private let gets: OperationGate
  private let sets: OperationGate
  private let metrics: RedisMetrics
  private let breaker: CircuitBreaker?
  private let queue: SetQueue

  /// Keys in one request, where the configuration sets no limit.
  private static let keyLimit = 1000
  private static let valueLimit = 128 << 20
  private static let answerLimit = 256 << 20

  /// - Parameter name: of the cache, for metrics and logs.
  package init(
    _ configuration: RedisConfiguration, name: String, registry: MetricRegistry, logger: Logger
  ) {
    self.configuration = configuration
    var logger = logger
    logger[metadataKey: "cache"] = "\(name)"
    let connector = RedisConnector(configuration)
    let directory = RedisDirectory(configuration, connector: connector, logger: logger)
    self.directory = directory
    let servers = ServerTable(
      maximumIdle: max(configuration.getConcurrency, 16), logger: logger
    ) { (address) throws(WireFailure) in
      try await connector.connect(to: address)
    }
    self.servers = servers
    let metrics = RedisMetrics(name: name, registry: registry)
    self.metrics = metrics
    gets = OperationGate(
      limit: configuration.getConcurrency, prefix: "thanos_redis_getmulti_", operations: "gets",
      labels: ["name": name], registry: registry)
    let sets = OperationGate(
      limit: configuration.setConcurrency, prefix: "thanos_redis_setmulti_", operations: "sets",
      labels: ["name": name], registry: registry)
    self.sets = sets
    let breaker =
      configuration.setBreaker.isEnabled ? CircuitBreaker(configuration.setBreaker.policy) : nil
    self.breaker = breaker
    let sender = RedisSets(
      configuration: configuration, directory: directory, servers: servers, gate: sets,
      metrics: metrics, breaker: breaker)
    queue = SetQueue(
      countLimit: configuration.setBufferSize, concurrency: configuration.asyncConcurrency,
      batchSize: min(max(configuration.setBatchSize, 1), 100)
    ) { batch in
      await sender.send(batch)
    }
  }

  package func fetch(_ keys: [String]) async -> [[UInt8]?] {
    var values = [[UInt8]?](repeating: nil, count: keys.count)
    guard let topology = await directory.topology() else { return values }
    let start = ContinuousClock.now
    let batches = batches(of: keys, topology)
    if batches.count == 1 {
      let found = await fetch(batches[0].keys.map { keys[$0] }, from: batches[0].server)
      for (place, value) in zip(batches[0].keys, found) { values[place] = value }
    } else {
      await withTaskGroup(of: (Int, [[UInt8]?]).self) { group in
        for (number, batch) in batches.enumerated() {
          let wanted = batch.keys.map { keys[$0] }
          group.addTask { (number, await self.fetch(wanted, from: batch.server)) }
        }
        for await (number, found) in group {
          for (place, value) in zip(batches[number].keys, found) { values[place] = value }
        }
      }
    }
    metrics.getDuration.observe(ContinuousClock.now - start)
    return values
  }

  package func store(_ entries: [(key: String, value: [UInt8])], lifetime: Duration) {
    for (key, value) in entries {
      if !queue.append(PendingSet(key: key, value: value, lifetime: lifetime)) {
        metrics.noRoom.increment()
      }
    }
  }

  /// Places of keys that are asked for together.
  private func batches(
    of keys: [String], _ topology: RedisTopology
  ) -> [(server: ServerAddress, keys: ArraySlice<Int>)] {
    var places: [ServerAddress: [Int]] = [:]
    for (place, key) in keys.enumerated() {
      if let server = topology.server(of: configuration.prefix + key) {
        places[server, default: []].append(place)
      }
    }
    let size = configuration.getBatchSize
    let limit = size > 0 ? min(size, Self.keyLimit) : Self.keyLimit
    var batches: [(server: ServerAddress, keys: ArraySlice<Int>)] = []
    for (server, places) in places {
      for start in stride(from: 0, to: places.count, by: limit) {
        batches.append((server, places[start..<min(start + limit, places.count)]))
      }
    }
    return batches
  }

  private func fetch(_ keys: [String], from address: ServerAddress) async -> [[UInt8]?] {
    var request = ByteBuffer()
    for key in keys { RedisCommand.append(["GET", configuration.prefix + key], to: &request) }
    let parser = RedisReplies(
      count: keys.count, valueLimit: Self.valueLimit, totalLimit: Self.answerLimit)
    do throws(WireFailure) {
      let replies = try await gets.pass { () throws(WireFailure) in
        try await servers[address].exchange(request, parser, timeout: configuration.readTimeout)
      }
      for case .error(let words) in replies {
        metrics.getFailures.increment()
        if RedisRefusal.isOfTopology(words) { directory.doubt() }
        break
      }
      return replies.map { reply in
        if case .bytes(let value) = reply { return value }
        return nil
      }
    } catch {
      if error != .cancelled {
        metrics.getFailures.increment()
        directory.doubt()
      }
      return []
    }
  }
}

/// Errors that servers answer with.
enum RedisRefusal {
  /// Whether another server has the key, or this one must not be written to.
  static func isOfTopology(_ words: [UInt8]) -> Bool {
    ["MOVED", "ASK", "CLUSTERDOWN", "READONLY", "MASTERDOWN", "LOADING"].contains {
      words.starts(with: $0.utf8)
    }
  }
}
