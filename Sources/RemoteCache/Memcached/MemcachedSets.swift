internal import Telemetry

/// Sends values to the servers of their keys.
struct MemcachedSets: Sendable {
  let directory: ServerDirectory
  let servers: ServerTable
  let metrics: MemcachedMetrics
  /// Of the configuration, for all servers; nil when there is none.
  let breaker: CircuitBreaker?
  let timeout: Duration

  func send(_ batch: [PendingSet]) async {
    let known = await directory.servers()
    guard !known.isEmpty else { return }
    let groups = Dictionary(grouping: batch) {
      MemcachedKey.server(of: $0.key, among: known.count)
    }
    for (place, sets) in groups { await send(sets, to: known[place]) }
  }

  private func send(_ sets: [PendingSet], to address: ServerAddress) async {
    let permit = breaker?.permit()
    if breaker != nil, permit == nil { return }
    metrics.set.count.increment(by: sets.count)
    let start = ContinuousClock.now
    let request = MemcachedKey.setRequest(sets, now: WallClock.milliseconds() / 1000)
    var isSuccess = true
    do throws(WireFailure) {
      let results = try await servers[address].exchange(
        request, MemcachedStored(count: sets.count), timeout: timeout)
      let duration = ContinuousClock.now - start
      for (set, failure) in zip(sets, results) {
        if let failure {
          metrics.set.note(failure)
          isSuccess = false
        } else {
          metrics.set.duration.observe(duration)
          metrics.set.dataSize.observe(Double(set.value.count))
        }
      }
    } catch {
      metrics.set.note(error)
      isSuccess = false
    }
    if let permit { breaker?.note(success: isSuccess, of: permit) }
  }
}
