import Foundation
import TestSupport
import Testing

/// The metrics of the running program beside those of the reference.
@Suite(.serialized) struct StoreMetricsTests {
  /// A gateway over the golden bucket, asked for this and that.
  private func scrape() async throws -> (text: String, openMetrics: HTTPAnswer) {
    try await withTemporaryDirectory { directory in
      let gateway = try await Gateway.start(
        Golden.unpacked("store/bucket.tar.gz"), dataDirectory: directory + "/data")
      _ = try await gateway.client.run(
        ["parallel", "--streams=2", "--match=__name__=up"], as: JSONAny.self)
      _ = try await gateway.client.run(["label-names"], as: [String].self)
      let answer = try await httpRequest(port: gateway.httpPort, "/metrics")
      let openMetrics = try await httpRequest(
        port: gateway.httpPort, "/metrics",
        headers: ["Accept": "application/openmetrics-text;version=1.0.0"])
      #expect(await gateway.stop() == 0)
      return (answer.body, openMetrics)
    }
  }

  /// Any JSON, not looked at.
  private struct JSONAny: Decodable {
    init(from decoder: any Decoder) throws {}
  }

  @Test func `names, types, labels and buckets are those of the reference`() async throws {
    let families = Exposition(try await scrape().text).families
    let golden = try Golden.json("store/metrics-names.json")["metrics"].array ?? []
    #expect(golden.count > 50)
    for metric in golden {
      let name = try #require(metric["name"].string)
      let problem = Self.difference(metric, families[name])
      #expect(problem == nil, "\(name): \(problem ?? "")")
    }
  }

  private static func difference(_ metric: JSONValue, _ family: Exposition.Family?) -> String? {
    guard let family else { return "is missing" }
    if let type = metric["type"].string, type != family.type {
      return "is a \(family.type) and not a \(type)"
    }
    let labels = (metric["labels"].array ?? []).compactMap(\.string)
    if metric["exposed_after_requests"].bool == true, family.labels != [labels] {
      return "has the labels \(family.labels) and not \(labels)"
    }
    if let buckets = metric["buckets"].array?.compactMap(\.double), family.bounds != [buckets] {
      return "has the buckets \(family.bounds) and not \(buckets)"
    }
    return nil
  }

  @Test func `what dashboards and alerts ask for beside them is there`() async throws {
    let (text, openMetrics) = try await scrape()
    let families = Exposition(text).families
    for name in [
      "grpc_server_started_total", "grpc_server_handled_total", "grpc_server_handling_seconds",
      "grpc_server_msg_received_total", "grpc_server_msg_sent_total",
      "grpc_req_panics_recovered_total", "thanos_status", "thanos_build_info",
      "go_goroutines", "go_info", "go_gc_duration_seconds", "go_memstats_alloc_bytes",
      "go_memstats_alloc_bytes_total", "go_memstats_heap_alloc_bytes",
      "go_memstats_heap_inuse_bytes", "go_memstats_stack_inuse_bytes",
      "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
      "process_max_fds", "process_start_time_seconds", "http_requests_total",
      "http_request_duration_seconds", "http_request_size_bytes", "http_response_size_bytes",
      "http_inflight_requests",
    ] { #expect(families[name] != nil, "\(name)") }
    #expect(families["http_requests_total"]?.labels == [["code", "handler", "method"]])
    #expect(families["go_gc_duration_seconds"]?.type == "summary")
    #expect(openMetrics.headers["content-type"]?.hasPrefix("application/openmetrics-text") == true)
    #expect(openMetrics.body.hasSuffix("# EOF\n"))
  }
}
