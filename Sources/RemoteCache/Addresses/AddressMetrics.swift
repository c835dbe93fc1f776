internal import Telemetry

/// Metrics of name lookups and discovery, under the names of the reference.
struct AddressMetrics: Sendable {
  let lookups: Counter
  let failures: Counter
  private let name: String
  private let discovers: Bool
  private let registry: MetricRegistry

  init(name: String, discovers: Bool, registry: MetricRegistry) {
    self.name = name
    self.discovers = discovers
    self.registry = registry
    let labels = ["name": name]
    if discovers {
      lookups = registry.counter(
        "thanos_memcached_auto_discovery_total",
        help: "Attempts to ask a memcached endpoint for the servers of its cluster.",
        labels: labels)
      failures = registry.counter(
        "thanos_memcached_auto_discovery_failures_total",
        help: "Attempts to ask for the servers of a cluster that failed.", labels: labels)
    } else {
      lookups = registry.counter(
        "thanos_memcached_dns_lookups_total", help: "Lookups of cache addresses.", labels: labels)
      failures = registry.counter(
        "thanos_memcached_dns_failures_total", help: "Lookups of cache addresses that failed.",
        labels: labels)
    }
  }

  func note(serverCount: Int, of address: String) {
    let metric =
      discovers
      ? "thanos_memcached_auto_discovery_resolved_addresses"
      : "thanos_memcached_dns_provider_results"
    registry.gauge(
      metric, help: "Servers that a configured address led to.",
      labels: ["name": name, "addr": address]
    ).set(serverCount)
  }

  func note(configurationVersion: Int, of address: String) {
    registry.gauge(
      "thanos_memcached_auto_discovery_config_version",
      help: "Version of the cluster configuration that an endpoint told.",
      labels: ["name": name, "addr": address]
    ).set(configurationVersion)
  }
}
