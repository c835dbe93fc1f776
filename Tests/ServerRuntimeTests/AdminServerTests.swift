import Logging
import ServerRuntime
import ServiceLifecycle
import Telemetry
import TestSupport
import Testing

@Suite struct AdminServerTests {
  private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Runs a server on a free port while `body` runs.
  private func withServer(
    registry: MetricRegistry = MetricRegistry(), routes: [AdminRoute] = [],
    _ body: @Sendable (Int, Probe) async throws -> Void
  ) async throws {
    let probe = Probe(component: "store", registry: registry)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let server = AdminServer(
      address: ListenAddress(host: "127.0.0.1", port: 0), registry: registry, probe: probe,
      routes: routes, logger: quiet, onListening: { port.yield($0) })
    let group = ServiceGroup(services: [server], logger: quiet)
    try await withThrowingTaskGroup { tasks in
      tasks.addTask { try await group.run() }
      var iterator = ports.makeAsyncIterator()
      let number = try #require(await iterator.next())
      try await body(number, probe)
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  @Test func `the probes answer over HTTP and in the metrics`() async throws {
    let registry = MetricRegistry()
    try await withServer(registry: registry) { port, probe in
      let early = try await httpRequest(port: port, "/-/ready")
      #expect(early.status == 503)
      #expect(early.body == "NOT OK")
      probe.setReady(true)
      let ready = try await httpRequest(port: port, "/-/ready")
      #expect(ready.status == 200)
      #expect(ready.body == "OK")
      #expect(try await httpRequest(port: port, "/-/healthy").status == 200)
      #expect(try await httpRequest(port: port, "/-/ready", method: "HEAD").status == 200)
      probe.setHealthy(false)
      #expect(try await httpRequest(port: port, "/-/healthy").status == 503)
      let metrics = try await httpRequest(port: port, "/metrics").body
      #expect(metrics.contains("thanos_status{check=\"ready\",component=\"store\"} 1\n"))
      #expect(metrics.contains("thanos_status{check=\"healthy\",component=\"store\"} 0\n"))
    }
  }

  @Test func `metrics come in the format that was asked for`() async throws {
    try await withServer { port, _ in
      let text = try await httpRequest(port: port, "/metrics")
      #expect(text.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      let open = try await httpRequest(
        port: port, "/metrics", headers: ["Accept": "application/openmetrics-text;version=1.0.0"])
      #expect(
        open.headers["content-type"]
          == "application/openmetrics-text; version=1.0.0; charset=utf-8")
      #expect(open.body.hasSuffix("# EOF\n"))
    }
  }

  @Test func `other paths are routes of the program, or not found`() async throws {
    let echo = AdminRoute(.post, "/echo") { request in
      AdminResponse(
        status: 201, contentType: "text/x",
        text: "\(request.query["a"] ?? "-")|\(String(decoding: request.body, as: UTF8.self))")
    }
    try await withServer(routes: [echo]) { port, _ in
      let answer = try await httpRequest(port: port, "/echo?a=b%20c", method: "POST", body: "xyz")
      #expect(answer.status == 201)
      #expect(answer.headers["content-type"] == "text/x")
      #expect(answer.body == "b c|xyz")
      #expect(try await httpRequest(port: port, "/nothing").status == 404)
    }
  }

  @Test func `a port in use is an error that says what to do`() async throws {
    try await withServer { port, _ in
      let registry = MetricRegistry()
      let second = AdminServer(
        address: ListenAddress(host: "127.0.0.1", port: port), registry: registry,
        probe: Probe(component: "store", registry: registry),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      let error = await #expect(throws: ListenError.self) { try await second.run() }
      #expect(
        error?.description == "cannot listen on 127.0.0.1:\(port) (--http-address): address "
          + "already in use; stop the other process or choose another port")
    }
  }

  @Test func `an address of another machine is an error that says what to do`() async throws {
    let registry = MetricRegistry()
    let server = AdminServer(
      address: ListenAddress(host: "192.0.2.1", port: 0), registry: registry,
      probe: Probe(component: "store", registry: registry), logger: quiet)
    let error = await #expect(throws: ListenError.self) { try await server.run() }
    #expect(error?.description.contains("no such address on this machine") == true)
  }
}
