internal import Telemetry

/// Counts, sizes and times of requests, under the names that dashboards of Go services know.
struct HTTPMetrics: Sendable {
  private static let durationBounds: [Double] = Histogram.operationBounds + [240, 360, 720]
  private static let sizeBounds = Histogram.exponentialBounds(start: 256, factor: 4, count: 10)

  let registry: MetricRegistry

  func begin(handler: String, method: String) -> Gauge {
    let gauge = registry.gauge(
      "http_inflight_requests",
      help: "Current number of HTTP requests the handler is responding to.",
      labels: ["handler": handler, "method": method])
    gauge.increment()
    return gauge
  }

  func finish(
    handler: String, method: String, status: Int, requestBytes: Int, responseBytes: Int,
    duration: Duration
  ) {
    let labels = ["code": "\(status)", "handler": handler, "method": method]
    registry.counter(
      "http_requests_total", help: "Tracks the number of HTTP requests.", labels: labels
    ).increment()
    registry.histogram(
      "http_request_duration_seconds", help: "Tracks the latencies for HTTP requests.",
      bounds: Self.durationBounds, labels: labels
    ).observe(duration)
    registry.histogram(
      "http_request_size_bytes", help: "Tracks the size of HTTP requests.",
      bounds: Self.sizeBounds, labels: labels
    ).observe(Double(requestBytes))
    registry.histogram(
      "http_response_size_bytes", help: "Tracks the size of HTTP responses.",
      bounds: Self.sizeBounds, labels: labels
    ).observe(Double(responseBytes))
  }

  /// In lower case, as the reference labels it; anything unusual is one label value.
  static func label(ofMethod method: String) -> String {
    switch method {
    case "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE":
      method.lowercased()
    default: "unknown"
    }
  }
}
