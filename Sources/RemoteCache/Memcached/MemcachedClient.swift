package import Logging
internal import NIOCore
internal import ObjectStore
internal import Synchronization
internal import TSDBBlock
package import Telemetry

/// A client of memcached servers that keys are spread over as Thanos spreads them, so that processes
/// of both share what is there.
///
///     key ─► server: jump hash of XXH64(key) over the servers in natural order
///
/// A server that fails is not asked for a while, so that nobody waits for it.
package final class MemcachedClient: SharedCache {
  private let configuration: MemcachedConfiguration
  private let directory: ServerDirectory
  private let servers: ServerTable
  private let gate: OperationGate
  private let metrics: MemcachedMetrics
  private let setBreaker: CircuitBreaker?
  private let queue: SetQueue

  /// Keys in one request, where the configuration sets no limit.
  private static let keyLimit = 1000
  /// Bytes of values in one answer.
  private static let answerLimit = 256 << 20
  /// Values sent to a server at once.
  private static let setBatchSize = 16

  /// - Parameter name: of the cache, for metrics and logs.
  package convenience init(
    _ configuration: MemcachedConfiguration, name: String, registry: MetricRegistry,
    logger: Logger
  ) {
    self.init(configuration, lookup: NameLookup(), name: name, registry: registry, logger: logger)
  }

  init(
    _ configuration: MemcachedConfiguration, lookup: NameLookup, name: String,
    registry: MetricRegistry, logger: Logger
  ) {
    self.configuration = configuration
    var logger = logger
    logger[metadataKey: "cache"] = "\(name)"
    let servers = ServerTable(
      timeout: configuration.timeout, maximumIdle: configuration.maximumIdleConnections,
      logger: logger)
    self.servers = servers
    let addressMetrics = AddressMetrics(
      name: name, discovers: configuration.discovers, registry: registry)
    let isFixed =
      !configuration.discovers
      && configuration.addresses.allSatisfy { if case .server = $0.kind { true } else { false } }
    directory = ServerDirectory(
      configuration.addresses, lifetime: isFixed ? nil : configuration.addressLifetime,
      patience: configuration.timeout, metrics: addressMetrics, logger: logger,
      resolve: configuration.discovers
        ? Self.discovery(lookup, configuration.timeout, addressMetrics) : Self.lookup(lookup))
    gate = OperationGate(
      limit: configuration.getConcurrency, prefix: "thanos_memcached_getmulti_",
      operations: "gets", labels: ["name": name], registry: registry)
    let metrics = MemcachedMetrics(configuration, name: name, registry: registry)
    self.metrics = metrics
    let breaker =
      configuration.setBreaker.isEnabled ? CircuitBreaker(configuration.setBreaker.policy) : nil
    setBreaker = breaker
    let sender = MemcachedSets(
      directory: directory, servers: servers, metrics: metrics, breaker: breaker,
      timeout: configuration.timeout)
    queue = SetQueue(
      countLimit: configuration.setBufferSize, concurrency: configuration.setConcurrency,
      batchSize: Self.setBatchSize
    ) { batch in
      await sender.send(batch)
    }
  }

  // MARK: Fetching

  package func fetch(_ keys: [String]) async -> [[UInt8]?] {
    var values = [[UInt8]?](repeating: nil, count: keys.count)
    let known = await directory.servers()
    guard !known.isEmpty else { return values }
    let batches = batches(of: keys, over: known)
    if batches.count == 1 {
      let found = await fetch(batches[0].keys.map { keys[$0] }, from: batches[0].server)
      for place in batches[0].keys { values[place] = found[keys[place]] }
      return values
    }
    await withTaskGroup(of: (Int, [String: [UInt8]]).self) { group in
      for (number, batch) in batches.enumerated() {
        let wanted = batch.keys.map { keys[$0] }
        group.addTask { (number, await self.fetch(wanted, from: batch.server)) }
      }
      for await (number, found) in group {
        for place in batches[number].keys { values[place] = found[keys[place]] }
      }
    }
    return values
  }

  /// Places of keys that are asked for together.
  private func batches(
    of keys: [String], over servers: [ServerAddress]
  ) -> [(server: ServerAddress, keys: ArraySlice<Int>)] {
    var places: [Int: [Int]] = [:]
    for (place, key) in keys.enumerated() {
      guard MemcachedKey.isValid(key) else {
        metrics.get.noteMalformedKey()
        continue
      }
      places[MemcachedKey.server(of: key, among: servers.count), default: []].append(place)
    }
    let size = configuration.getBatchSize
    let limit = size > 0 ? min(size, Self.keyLimit) : Self.keyLimit
    var batches: [(server: ServerAddress, keys: ArraySlice<Int>)] = []
    for (server, places) in places {
      for start in stride(from: 0, to: places.count, by: limit) {
        batches.append((servers[server], places[start..<min(start + limit, places.count)]))
      }
    }
    return batches
  }

  private func fetch(_ keys: [String], from address: ServerAddress) async -> [String: [UInt8]] {
    let itemSize = configuration.maximumItemSize.byteCount
    let parser = MemcachedValues(
      valueLimit: itemSize > 0 ? max(itemSize, 16 << 20) : 128 << 20,
      totalLimit: Self.answerLimit)
    do throws(WireFailure) {
      return try await gate.pass { () throws(WireFailure) in
        metrics.get.count.increment()
        let start = ContinuousClock.now
        let found = try await servers[address].exchange(
          MemcachedKey.getRequest(keys), parser, timeout: configuration.timeout)
        metrics.get.duration.observe(ContinuousClock.now - start)
        metrics.get.dataSize.observe(Double(found.values.reduce(0) { $0 + $1.count }))
        return found
      }
    } catch {
      metrics.get.note(error)
      return [:]
    }
  }

  // MARK: Storing

  package func store(_ entries: [(key: String, value: [UInt8])], lifetime: Duration) {
    let limit = configuration.maximumItemSize.byteCount
    for (key, value) in entries {
      if limit > 0, value.count > limit {
        metrics.tooLarge.increment()
      } else if !MemcachedKey.isValid(key) {
        metrics.set.noteMalformedKey()
      } else if !queue.append(PendingSet(key: key, value: value, lifetime: lifetime)) {
        metrics.noRoom.increment()
      }
    }
  }

  // MARK: Servers

  private static func lookup(_ lookup: NameLookup) -> ServerDirectory.Resolve {
    { address in
      do throws(LookupFailure) {
        if case .server(let server) = address.kind { return .success([server]) }
        return .success(
          try await onBlockingThread { () throws(LookupFailure) in
            try lookup.servers(of: address)
          })
      } catch {
        return .failure(error)
      }
    }
  }

  private static func discovery(
    _ lookup: NameLookup, _ timeout: Duration, _ metrics: AddressMetrics
  ) -> ServerDirectory.Resolve {
    let plain = Self.lookup(lookup)
    return { address in
      let endpoints: [ServerAddress]
      switch await plain(address) {
      case .success(let found): endpoints = found
      case .failure(let failure): return .failure(failure)
      }
      var reason = "the name has no addresses"
      for endpoint in endpoints {
        do throws(WireFailure) {
          let connection = try await Connection.open(endpoint, timeout: timeout)
          defer { connection.close() }
          let reply = try await connection.exchange(
            ClusterDiscovery.request, ClusterDiscovery(), timeout: timeout)
          metrics.note(configurationVersion: reply.version, of: address.text)
          return .success(reply.servers)
        } catch {
          reason = error.text
        }
      }
      return .failure(LookupFailure(detail: reason))
    }
  }
}
