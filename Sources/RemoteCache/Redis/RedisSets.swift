internal import NIOCore
internal import Telemetry

/// Sends values to the servers of their keys.
struct RedisSets: Sendable {
  let configuration: RedisConfiguration
  let directory: RedisDirectory
  let servers: ServerTable
  let gate: OperationGate
  let metrics: RedisMetrics
  /// Of the configuration, for all servers; nil when there is none.
  let breaker: CircuitBreaker?

  func send(_ batch: [PendingSet]) async {
    guard let topology = await directory.topology() else { return }
    var groups: [ServerAddress: [PendingSet]] = [:]
    for set in batch {
      if let server = topology.server(of: configuration.prefix + set.key) {
        groups[server, default: []].append(set)
      }
    }
    for (server, sets) in groups { await send(sets, to: server) }
  }

  private func send(_ sets: [PendingSet], to address: ServerAddress) async {
    let permit = breaker?.permit()
    if breaker != nil, permit == nil { return }
    var request = ByteBuffer()
    request.reserveCapacity(sets.reduce(0) { $0 + $1.key.utf8.count + $1.value.count + 96 })
    for set in sets {
      RedisCommand.appendSet(set, key: configuration.prefix + set.key, to: &request)
    }
    let start = ContinuousClock.now
    var isSuccess = true
    do throws(WireFailure) {
      let replies = try await gate.pass { () throws(WireFailure) in
        try await servers[address].exchange(
          request, RedisReplies(count: sets.count), timeout: configuration.writeTimeout)
      }
      for case .error(let words) in replies {
        metrics.setFailures.increment()
        isSuccess = false
        if RedisRefusal.isOfTopology(words) { directory.doubt() }
      }
    } catch {
      metrics.setFailures.increment()
      isSuccess = false
      directory.doubt()
    }
    if isSuccess {
      (sets.count == 1 ? metrics.setDuration : metrics.setManyDuration).observe(
        ContinuousClock.now - start)
    }
    if let permit { breaker?.note(success: isSuccess, of: permit) }
  }
}
