internal import ObjectStore
internal import Synchronization

/// So many requests at once, and from then on one in every interval.
struct RateLimit: Equatable, Sendable {
  var interval: Duration
  var burst: Int

  /// Nil for an interval of 0, which turns the limit off.
  static func parse(_ node: ConfigurationNode) throws(ConfigurationError) -> RateLimit? {
    let fields = try StrictMapping(node, name: "rate_limit", known: ["interval", "burst"])
    guard let interval = GoDuration.parse(try fields.string("interval") ?? "0") else {
      throw ConfigurationError(
        line: fields["interval"]?.line, detail: "interval must be a duration, such as 100ms")
    }
    guard let burst = Int(try fields.string("burst") ?? "0"), burst >= 0 else {
      throw ConfigurationError(line: fields["burst"]?.line, detail: "burst must be a number")
    }
    return interval == .zero ? nil : RateLimit(interval: interval, burst: burst)
  }
}

/// Requests that may come now: a bucket that is full at the start and gets a token in every interval.
final class RequestAllowance: Sendable {
  private struct State {
    var limit: RateLimit?
    var tokens = 0.0
    var seen = ContinuousClock.now
  }

  private let state = Mutex(State())

  /// Whether a request may come, which takes a token.
  ///
  /// - Parameter limit: as configured now; another one than before begins anew.
  func admits(_ limit: RateLimit?, now: ContinuousClock.Instant = .now) -> Bool {
    guard let limit else { return true }
    return state.withLock { state in
      if state.limit != limit {
        state = State(limit: limit, tokens: Double(limit.burst), seen: now)
      }
      let gained = (now - state.seen) / limit.interval
      state.tokens = min(Double(limit.burst), state.tokens + max(0, gained))
      state.seen = now
      guard state.tokens >= 1 else { return false }
      state.tokens -= 1
      return true
    }
  }
}
