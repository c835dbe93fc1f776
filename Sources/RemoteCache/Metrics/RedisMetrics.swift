internal import Telemetry

/// What a client of Redis does. The durations have the names of the reference, which counts neither
/// failures nor what is left out.
struct RedisMetrics: Sendable {
  let getDuration, setDuration, setManyDuration: Histogram
  let getFailures, setFailures: Counter
  let noRoom: Counter

  init(name: String, registry: MetricRegistry) {
    func duration(_ operation: String) -> Histogram {
      registry.histogram(
        "thanos_redis_operation_duration_seconds", help: "Duration of operations against redis.",
        bounds: CacheBounds.seconds, labels: ["name": name, "operation": operation])
    }
    func failures(_ operation: String) -> Counter {
      registry.counter(
        "blockhouse_redis_operation_failures_total",
        help: "Operations against redis that failed.",
        labels: ["name": name, "operation": operation])
    }
    getDuration = duration("getmulti")
    setDuration = duration("set")
    setManyDuration = duration("setmulti")
    getFailures = failures("getmulti")
    setFailures = failures("set")
    noRoom = registry.counter(
      "blockhouse_redis_operation_skipped_total",
      help: "Values that were not sent to redis because too many waited.",
      labels: ["name": name, "operation": "set", "reason": "async-buffer-full"])
  }
}
