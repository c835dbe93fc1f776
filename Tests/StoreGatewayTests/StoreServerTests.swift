import GRPCCore
import GRPCNIOTransportHTTP2
import Logging
import ServerRuntime
import ServiceLifecycle
import StoreAPI
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

@Suite struct StoreServerTests {
  static func server(port: Int, registry: MetricRegistry = MetricRegistry()) -> StoreServer {
    let blocks = PublishedBlocks()
    return StoreServer(
      address: ListenAddress(host: "127.0.0.1", port: port), maxConnectionAge: .seconds(3600),
      store: GatewayStoreService(blocks: blocks, window: .everything, executor: nil),
      info: InfoService(blocks: blocks, window: .everything),
      health: HealthService(services: ["thanos.Store"]), registry: registry,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
  }

  /// Runs the server until `body` is done, then stops it as SIGTERM would.
  static func withServer<Result: Sendable>(
    _ server: StoreServer,
    _ body: @Sendable (GRPCClient<HTTP2ClientTransport.Posix>) async throws -> Result
  ) async throws -> Result {
    let group = ServiceGroup(
      services: [server], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      let transport = try HTTP2ClientTransport.Posix(
        target: .ipv4(address: "127.0.0.1", port: server.address.port),
        transportSecurity: .plaintext)
      let result = try await withGRPCClient(transport: transport) { client in
        try await body(client)
      }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
      return result
    }
  }

  @Test func `calls over a socket are answered and counted`() async throws {
    let registry = MetricRegistry()
    let server = Self.server(port: try freePort(), registry: registry)
    let response = try await Self.withServer(server) { client in
      var options = CallOptions.defaults
      options.waitForReady = true
      let error = await #expect(throws: RPCError.self) {
        _ = try await Thanos_Store.Client(wrapping: client).labelValues(.init(), options: options)
      }
      #expect(error?.code == .invalidArgument)
      return try await Thanos_Info_Info.Client(wrapping: client).info(.init(), options: options)
    }
    #expect(response.componentType == "store")
    #expect(response.store.minTime == .max && response.store.maxTime == .min)
    let text = registry.exposition(.text)
    #expect(
      text.contains(
        "grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Info\","
          + "grpc_service=\"thanos.info.Info\",grpc_type=\"unary\"} 1"))
    #expect(
      text.contains(
        "grpc_server_handled_total{grpc_code=\"InvalidArgument\",grpc_method=\"LabelValues\","))
  }

  @Test func `a port in use is an error that names the flag`() async throws {
    let port = try freePort()
    try await Self.withServer(Self.server(port: port)) { client in
      var options = CallOptions.defaults
      options.waitForReady = true
      _ = try await Thanos_Info_Info.Client(wrapping: client).info(.init(), options: options)
      let error = await #expect(throws: (any Error).self) {
        try await ServiceGroup(
          services: [Self.server(port: port)],
          logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ).run()
      }
      let text = "\(error.map { "\($0)" } ?? "")"
      #expect(text.contains("127.0.0.1:\(port)"))
      #expect(text.contains("--grpc-address"))
      #expect(text.contains("address already in use"))
      #expect(!text.contains("\n"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a server told to stop before it listens ends at once`() async throws {
    let group = ServiceGroup(
      services: [Self.server(port: try freePort())],
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    async let run: Void = group.run()
    await group.triggerGracefulShutdown()
    try await run
  }

  @Test(.timeLimit(.minutes(1)))
  func `a stream that nobody reads ends with the grace period`() async throws {
    try await withTemporaryDirectory { directory in
      let blocks = PublishedBlocks()
      blocks.publish(
        BlockSetSnapshot([try StreamingTests.load(directory + "/block", padding: 8000)]))
      var server = Self.server(port: try freePort())
      server.store = GatewayStoreService(blocks: blocks, window: .everything, executor: nil)
      let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
      let group = ServiceGroup(
        services: [
          GracePeriod(
            .milliseconds(100), of: server, flag: "--grpc-grace-period", logger: quiet)
        ], logger: quiet)
      let run = Task { try await group.run() }
      let hasEnded = Atomic(false)
      let transport = try HTTP2ClientTransport.Posix(
        target: .ipv4(address: "127.0.0.1", port: server.address.port),
        transportSecurity: .plaintext, config: .defaults { $0.http2.targetWindowSize = 65_535 })
      try await withGRPCClient(transport: transport) { client in
        // What the client gets in the end depends on how much its buffers took; that the server ended
        // is what counts.
        _ = try? await Thanos_Store.Client(wrapping: client).series(
          StreamingTests.request, options: StreamingTests.options
        ) { response in
          var messages = response.messages.makeAsyncIterator()
          _ = try await messages.next()
          await group.triggerGracefulShutdown()
          try await run.value
          hasEnded.store(true, ordering: .relaxed)
        }
      }
      let ended = hasEnded.load(ordering: .relaxed)
      #expect(ended)
    }
  }
}
