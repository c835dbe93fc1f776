internal import AsyncHTTPClient
internal import ObjectStore
internal import Synchronization

/// How long recent answers took to begin.
final class LatencyWindow: Sendable {
  private static let capacity = 256
  /// Fewer say nothing about a quantile.
  private static let leastCount = 20

  private struct State {
    var times: [Duration] = []
    var next = 0
  }

  private let state = Mutex(State())

  func record(_ time: Duration) {
    state.withLock { state in
      if state.times.count < Self.capacity {
        state.times.append(time)
      } else {
        state.times[state.next] = time
        state.next = (state.next + 1) % Self.capacity
      }
    }
  }

  /// Nil until there are enough.
  func quantile(_ fraction: Double) -> Duration? {
    let times = state.withLock { $0.times }
    guard times.count >= Self.leastCount else { return nil }
    return times.sorted()[min(times.count - 1, Int(Double(times.count) * fraction))]
  }
}

/// Sends a second and a third request for the same bytes when the first one is late.
///
/// The first success counts; the others are given up. Only for reads: they may happen twice.
struct Hedging: Sendable {
  typealias Answer = Result<HTTPClientResponse, S3Failure>

  let options: S3Hedging
  let window = LatencyWindow()

  func run(_ send: @escaping @Sendable () async -> Answer) async -> Answer {
    guard options.isEnabled, options.upTo > 1, let delay = window.quantile(options.quantile) else {
      return await timed(send)
    }
    return await withTaskGroup(of: Answer?.self) { group in
      defer { group.cancelAll() }
      var running = 1
      var sent = 1
      group.addTask { await timed(send) }
      addTimer(delay, to: &group)
      var failure: Answer?
      while let event = await group.next() {
        switch event {
        case nil:
          if Task.isCancelled || sent >= options.upTo { continue }
          sent += 1
          running += 1
          group.addTask { await timed(send) }
          if sent < options.upTo { addTimer(delay, to: &group) }
        case .success(let response)?: return .success(response)
        case .failure(let reason)?:
          failure = .failure(reason)
          running -= 1
          if running == 0 { return .failure(reason) }
        }
      }
      return failure ?? .failure(S3Failure(.transient, "cancelled"))
    }
  }

  private func addTimer(_ delay: Duration, to group: inout TaskGroup<Answer?>) {
    group.addTask {
      try? await Task.sleep(for: max(delay, .milliseconds(1)))
      return nil
    }
  }

  private func timed(_ send: @Sendable () async -> Answer) async -> Answer {
    let start = ContinuousClock.now
    let answer = await send()
    if case .success = answer { window.record(start.duration(to: .now)) }
    return answer
  }
}
