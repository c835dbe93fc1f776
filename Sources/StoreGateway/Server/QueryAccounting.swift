internal import GRPCCore
internal import ServerRuntime
internal import StoreAPI
internal import Telemetry

/// Puts calls on the list of `/debug/queries`, and counts what Series calls asked for.
struct QueryAccounting: Sendable {
  let queries: RunningQueries
  private let pending: Gauge
  private let series: Histogram
  private let chunks: Histogram

  init(_ queries: RunningQueries, registry: MetricRegistry) {
    self.queries = queries
    pending = registry.gauge(
      "thanos_store_server_pending_series_requests",
      help: "Number of Series calls that are not answered yet.")
    series = registry.histogram(
      "thanos_store_server_series_requested", help: "Series sent by one Series call.",
      bounds: [1, 10, 100, 1000, 10_000, 100_000, 1_000_000])
    chunks = registry.histogram(
      "thanos_store_server_chunks_requested", help: "Chunks sent by one Series call.",
      bounds: [1, 100, 1000, 10_000, 100_000, 10_000_000, 100_000_000, 1_000_000_000])
  }

  /// Runs a Series call; `body` adds to the cost of the call what it sends.
  func series<Result>(
    _ request: Thanos_SeriesRequest, _ metadata: Metadata,
    _ body: (RunningQuery) async throws -> Result
  ) async throws -> Result {
    let query = begin(
      "Series", Self.text(request.matchers, request.minTime, request.maxTime), metadata)
    pending.increment()
    defer {
      query.end()
      pending.add(-1)
      series.observe(Double(query.cost.series))
      chunks.observe(Double(query.cost.chunks))
    }
    return try await body(query)
  }

  /// Runs a call for label names or values.
  ///
  /// - Parameter method: with the label whose values are asked for.
  func labels<Result>(
    _ method: String, _ matchers: [Thanos_LabelMatcher], _ start: Int64, _ end: Int64,
    _ metadata: Metadata, _ body: (RunningQuery) async throws -> Result
  ) async throws -> Result {
    let query = begin(method, Self.text(matchers, start, end), metadata)
    defer { query.end() }
    return try await body(query)
  }

  private func begin(_ method: String, _ text: String, _ metadata: Metadata) -> RunningQuery {
    queries.begin(
      method, description: text, tenant: metadata.tenant,
      requestID: metadata.first("request-id").map { String($0.prefix(128)) } ?? "")
  }

  /// `{job="api",pod!=""} from 2026-01-02T00:00:00.000Z to …`
  static func text(_ matchers: [Thanos_LabelMatcher], _ start: Int64, _ end: Int64) -> String {
    let parts = matchers.prefix(100).map { matcher -> String in
      let sign =
        switch matcher.type {
        case .eq: "="
        case .neq: "!="
        case .re: "=~"
        case .nre: "!~"
        case .UNRECOGNIZED(let number): "?\(number)?"
        }
      return "\(matcher.name)\(sign)\"\(matcher.value.prefix(256))\""
    }
    return "{\(parts.joined(separator: ","))} from \(time(start)) to \(time(end))"
  }

  /// Clients send the ends of all time for an open side.
  private static func time(_ milliseconds: Int64) -> String {
    (-62_135_596_800_000...253_402_300_799_999).contains(milliseconds)
      ? RFC3339.text(milliseconds: milliseconds) : "\(milliseconds)"
  }
}
