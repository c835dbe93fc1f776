internal import ObjectStore
internal import Telemetry

/// What a client of memcached does, under the names of the reference.
struct MemcachedMetrics: Sendable {
  struct Operation: Sendable {
    let count: Counter
    let duration: Histogram
    let dataSize: Histogram
    fileprivate let failures: [String: Counter]

    func note(_ failure: WireFailure) {
      let reason: String? =
        switch failure {
        case .timeout: "timeout"
        case .network: "network-error"
        case .server: "server-error"
        case .malformed: "other"
        case .cancelled, .avoided: nil
        }
      if let reason { failures[reason]?.increment() }
    }

    func noteMalformedKey() { failures["malformed-key"]?.increment() }
  }

  let get: Operation
  let set: Operation
  let tooLarge: Counter
  let noRoom: Counter

  init(_ configuration: MemcachedConfiguration, name: String, registry: MetricRegistry) {
    func operation(_ operation: String) -> Operation {
      let labels = ["name": name, "operation": operation]
      let reasons = ["timeout", "malformed-key", "server-error", "network-error", "other"]
      return Operation(
        count: registry.counter(
          "thanos_memcached_operations_total", help: "Operations against memcached.",
          labels: labels),
        duration: registry.histogram(
          "thanos_memcached_operation_duration_seconds",
          help: "Duration of operations against memcached.", bounds: CacheBounds.seconds,
          labels: labels),
        dataSize: registry.histogram(
          "thanos_memcached_operation_data_size_bytes",
          help: "Bytes that operations stored in memcached or fetched from it.",
          bounds: CacheBounds.bytes, labels: labels),
        failures: Dictionary(
          uniqueKeysWithValues: reasons.map { reason in
            let labels = labels.merging(["reason": reason]) { $1 }
            return (
              reason,
              registry.counter(
                "thanos_memcached_operation_failures_total",
                help: "Operations against memcached that failed.", labels: labels)
            )
          }))
    }
    func skipped(_ operation: String, _ reason: String) -> Counter {
      registry.counter(
        "thanos_memcached_operation_skipped_total",
        help: "Operations against memcached that were left out.",
        labels: ["name": name, "operation": operation, "reason": reason])
    }
    get = operation("getmulti")
    set = operation("set")
    tooLarge = skipped("set", "max-item-size")
    noRoom = skipped("set", "async-buffer-full")
    _ = skipped("getmulti", "max-item-size")
    registry.gauge(
      "thanos_memcached_client_info", help: "How the client of memcached is configured.",
      labels: [
        "name": name,
        "timeout": "\(configuration.timeout.inGo)",
        "max_idle_connections": "\(configuration.maximumIdleConnections)",
        "max_async_concurrency": "\(configuration.setConcurrency)",
        "max_async_buffer_size": "\(configuration.setBufferSize)",
        "max_item_size": "\(configuration.maximumItemSize.byteCount)",
        "max_get_multi_concurrency": "\(configuration.getConcurrency)",
        "max_get_multi_batch_size": "\(configuration.getBatchSize)",
        "dns_provider_update_interval": "\(configuration.addressLifetime.inGo)",
      ]
    ).set(1)
  }
}

extension Duration {
  /// As Go writes it, for values that a configuration gives: `500ms`, `10s`, `1m30s`.
  fileprivate var inGo: String {
    let seconds = components.seconds
    let milliseconds = components.attoseconds / 1_000_000_000_000_000
    if seconds == 0 { return milliseconds == 0 ? "0s" : "\(milliseconds)ms" }
    let fraction = milliseconds == 0 ? "" : ".\(String(milliseconds + 1000).dropFirst())"
    let hours = seconds >= 3600 ? "\(seconds / 3600)h" : ""
    let minutes = seconds >= 60 ? "\(seconds / 60 % 60)m" : ""
    return "\(hours)\(minutes)\(seconds % 60)\(fraction)s"
  }
}
