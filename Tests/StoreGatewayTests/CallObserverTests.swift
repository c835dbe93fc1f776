import GRPCCore
import GRPCNIOTransportHTTP2
import Logging
import ServerRuntime
import StoreAPI
import SwiftProtobuf
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

@Suite struct CallObserverTests {
  private let registry = MetricRegistry()

  private func ask(_ server: StoreServer) async throws {
    try await StoreServerTests.withServer(server) { client in
      let store = Thanos_Store.Client(wrapping: client)
      _ = try await Thanos_Info_Info.Client(wrapping: client).info(
        .init(), metadata: ["request-id": "id-9", "thanos-tenant": "team-a"],
        options: StreamingTests.options)
      await #expect(throws: RPCError.self) {
        _ = try await store.labelValues(.init(), options: StreamingTests.options)
      }
      try await store.series(StreamingTests.request, options: StreamingTests.options) { response in
        for try await _ in response.messages {}
      }
    }
  }

  @Test func `every method with every code is there before the first call`() async throws {
    try await StoreServerTests.withServer(
      StoreServerTests.server(port: try freePort(), registry: registry)
    ) { client in
      _ = try await Thanos_Info_Info.Client(wrapping: client).info(
        .init(), options: StreamingTests.options)
    }
    let text = registry.exposition(.text)
    let methods = [
      ("thanos.Store", "Series", "server_stream"), ("thanos.Store", "LabelNames", "unary"),
      ("thanos.Store", "LabelValues", "unary"), ("thanos.info.Info", "Info", "unary"),
      ("grpc.health.v1.Health", "Check", "unary"),
      ("grpc.health.v1.Health", "Watch", "server_stream"),
      ("grpc.reflection.v1.ServerReflection", "ServerReflectionInfo", "bidi_stream"),
    ]
    #expect(CallStatus.names.count == 17)
    for (service, method, type) in methods {
      let labels =
        "grpc_method=\"\(method)\",grpc_service=\"\(service)\",grpc_type=\"\(type)\""
      for name in ["started", "msg_received", "msg_sent"] {
        #expect(text.contains("grpc_server_\(name)_total{\(labels)} "), "\(name) \(method)")
      }
      #expect(text.contains("grpc_server_handling_seconds_bucket{\(labels),le=\"0.001\"} "))
      for code in ["OK", "Canceled", "ResourceExhausted", "DataLoss"] {
        #expect(
          text.contains("grpc_server_handled_total{grpc_code=\"\(code)\",\(labels)} "),
          "\(code) \(method)")
      }
    }
    #expect(text.contains("grpc_req_panics_recovered_total 0\n"))
  }

  @Test func `calls, messages and outcomes are counted`() async throws {
    try await withTemporaryDirectory { directory in
      let blocks = PublishedBlocks()
      blocks.publish(BlockSetSnapshot([try StreamingTests.load(directory + "/block")]))
      var server = StoreServerTests.server(port: try freePort(), registry: registry)
      server.store = GatewayStoreService(
        blocks: blocks, window: .everything,
        accounting: QueryAccounting(RunningQueries(), registry: registry), executor: nil)
      try await ask(server)
    }
    let text = registry.exposition(.text)
    let series =
      "grpc_method=\"Series\",grpc_service=\"thanos.Store\",grpc_type=\"server_stream\"}"
    for line in [
      "grpc_server_started_total{\(series) 1", "grpc_server_msg_received_total{\(series) 1",
      "grpc_server_msg_sent_total{\(series) \(StreamingTests.seriesCount)",
      "grpc_server_handled_total{grpc_code=\"OK\",\(series) 1",
      "grpc_server_handling_seconds_count{\(series) 1",
      "thanos_store_server_series_requested_sum \(StreamingTests.seriesCount)",
      "thanos_store_server_chunks_requested_sum \(StreamingTests.seriesCount)",
      "thanos_store_server_pending_series_requests 0",
    ] { #expect(text.contains(line + "\n"), "\(line)") }
    #expect(
      text.contains(
        "grpc_server_handled_total{grpc_code=\"InvalidArgument\",grpc_method=\"LabelValues\","
          + "grpc_service=\"thanos.Store\",grpc_type=\"unary\"} 1\n"))
  }

  @Test func `calls are logged with who asked, when the configuration says so`() async throws {
    let written = Lines()
    let logger = Logger(label: "test") { _ in
      LineLogHandler(
        format: .logfmt, level: .error,
        write: { line in
          written.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        })
    }
    let configuration = try RequestLogConfiguration.parse(
      yaml: """
        grpc:
          options: {level: INFO, decision: {log_end: true}}
          config: [{service: thanos.info.Info, method: Info}]
        """)
    var server = StoreServerTests.server(port: try freePort(), registry: registry)
    server.requestLog = RequestLog(configuration: Reloadable(configuration), logger: logger)
    try await ask(server)
    let lines = written.lines.withLock { $0 }
    #expect(lines.count == 1)
    for words in [
      "grpc.code=OK", "grpc.method=Info", "request_id=id-9", "tenant=team-a",
      "peer.address=ipv4:127.0.0.1:",
    ] { #expect(lines.first?.contains(words) == true, "\(lines)") }
  }

  @Test func `a call is on the list while it is answered`() async throws {
    let queries = RunningQueries()
    let accounting = QueryAccounting(queries, registry: registry)
    let request = Thanos_SeriesRequest.with {
      $0.minTime = 0
      $0.maxTime = .max
      $0.matchers = [
        .with {
          $0.type = .nre
          $0.name = "job"
          $0.value = "a|b"
        }
      ]
    }
    try await accounting.series(request, ["thanos-tenant": "team-a", "request-id": "r"]) { call in
      call.add(series: 3)
      let listed = try #require(queries.current.first)
      #expect(listed.method == "Series")
      #expect(listed.tenant == "team-a")
      #expect(listed.requestID == "r")
      #expect(
        listed.description
          == "{job!~\"a|b\"} from 1970-01-01T00:00:00.000Z to 9223372036854775807")
      #expect(registry.exposition(.text).contains("pending_series_requests 1\n"))
    }
    #expect(queries.current.isEmpty)
    #expect(registry.exposition(.text).contains("series_requested_sum 3\n"))
  }

  private final class Lines: Sendable {
    let lines = Mutex<[String]>([])
  }
}
