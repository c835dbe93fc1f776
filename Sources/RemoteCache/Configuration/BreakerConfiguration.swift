internal import ObjectStore

/// `set_async_circuit_breaker_config`: when values are no longer sent to a cache that fails.
struct BreakerConfiguration: Equatable, Sendable {
  var isEnabled = false
  var policy = CircuitBreaker.Policy()

  init() {}

  init(_ node: ConfigurationNode?) throws(ConfigurationError) {
    guard let node else { return }
    let name = "set_async_circuit_breaker_config"
    let mapping = try StrictMapping(
      node, name: name,
      known: [
        "enabled", "half_open_max_requests", "open_duration", "min_requests",
        "consecutive_failures", "failure_percent",
      ])
    isEnabled = try mapping.flag("enabled") ?? false
    policy.halfOpenRequests = max(
      try mapping.count("half_open_max_requests") ?? policy.halfOpenRequests, 1)
    policy.openDuration = try mapping.duration("open_duration") ?? policy.openDuration
    policy.minimumRequests = try mapping.count("min_requests") ?? policy.minimumRequests
    policy.consecutiveFailures =
      try mapping.count("consecutive_failures") ?? policy.consecutiveFailures
    if let text = try mapping.string("failure_percent") {
      guard let ratio = Double(text), ratio > 0, ratio <= 1 else {
        throw ConfigurationError(
          line: mapping["failure_percent"]?.line,
          detail: "failure_percent \"\(text)\" must be above 0 and 1 at most")
      }
      policy.failureRatio = ratio
    }
    guard !isEnabled || policy.consecutiveFailures > 0 else {
      throw ConfigurationError(
        line: mapping["consecutive_failures"]?.line,
        detail: "consecutive_failures must be greater than 0")
    }
  }
}
