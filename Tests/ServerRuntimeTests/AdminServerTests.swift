import Foundation
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
    requestLog: RequestLog? = nil, externalPrefix: String = "", prefixHeader: String = "",
    allowsOtherOrigins: Bool = true,
    _ body: @Sendable (Int, Probe) async throws -> Void
  ) async throws {
    let probe = Probe(component: "store", registry: registry)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    var configuration = AdminConfiguration(address: ListenAddress(host: "127.0.0.1", port: 0))
    configuration.externalPrefix = externalPrefix
    configuration.prefixHeader = prefixHeader
    configuration.allowsOtherOrigins = allowsOtherOrigins
    let server = AdminServer(
      configuration: configuration, registry: registry, probe: probe, routes: routes,
      requestLog: requestLog, logger: quiet, onListening: { port.yield($0) })
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
        configuration: AdminConfiguration(
          address: ListenAddress(host: "127.0.0.1", port: port)), registry: registry,
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
      configuration: AdminConfiguration(address: ListenAddress(host: "192.0.2.1", port: 0)),
      registry: registry,
      probe: Probe(component: "store", registry: registry), logger: quiet)
    let error = await #expect(throws: ListenError.self) { try await server.run() }
    #expect(error?.description.contains("no such address on this machine") == true)
  }

  // MARK: - What every answer has

  private static let long = String(repeating: "metric 1\n", count: 1000)

  private let routes = [
    AdminRoute(.get, "/api/long") { _ in AdminResponse(text: long) },
    AdminRoute(.post, "/api/echo") { request in
      AdminResponse(text: request.form["a"] ?? "-")
    },
    AdminRoute(.get, "/link") { request in AdminResponse(text: request.linkPrefix + "/x") },
    AdminRoute(.get, "/below/*") { request in AdminResponse(text: request.path) },
  ]

  @Test func `a long answer is compressed for those who take gzip`() async throws {
    try await withServer(routes: routes) { port, _ in
      let plain = try await httpRequest(port: port, "/api/long")
      #expect(plain.headers["content-encoding"] == nil)
      #expect(plain.headers["vary"] == "Accept-Encoding")
      #expect(plain.body == Self.long)
      for header in ["gzip", "deflate, gzip;q=0.5", "*"] {
        let packed = try await httpRequest(
          port: port, "/api/long", headers: ["Accept-Encoding": header])
        #expect(packed.headers["content-encoding"] == "gzip")
        #expect(packed.bytes.count < Self.long.utf8.count / 10)
        #expect(try unzipped(packed.bytes) == Self.long)
      }
      let refused = try await httpRequest(
        port: port, "/api/long", headers: ["Accept-Encoding": "gzip;q=0, br"])
      #expect(refused.body == Self.long)
    }
  }

  private func unzipped(_ bytes: [UInt8]) throws -> String {
    try withTemporaryDirectory { directory in
      try Data(bytes).write(to: URL(fileURLWithPath: directory + "/a.gz"))
      return try runProcess("gzip", ["-dc", directory + "/a.gz"]).requireSuccess().outputText
    }
  }

  @Test func `an answer to HEAD is that to GET without its body`() async throws {
    try await withServer(routes: routes) { port, _ in
      let head = try await httpRequest(port: port, "/api/long", method: "HEAD")
      #expect(head.status == 200)
      #expect(head.headers["content-length"] == "\(Self.long.utf8.count)")
      #expect(head.body == "")
    }
  }

  @Test func `a method that a path does not take is told which it takes`() async throws {
    try await withServer(routes: routes) { port, _ in
      let answer = try await httpRequest(port: port, "/api/echo")
      #expect(answer.status == 405)
      #expect(answer.headers["allow"] == "POST")
      #expect(try await httpRequest(port: port, "/metrics", method: "DELETE").status == 405)
    }
  }

  @Test func `pages of other sites may read the API, unless that is switched off`() async throws {
    try await withServer(routes: routes) { port, _ in
      let options = try await httpRequest(port: port, "/api/anything", method: "OPTIONS")
      #expect(options.status == 204)
      #expect(options.headers["access-control-allow-origin"] == "*")
      #expect(options.headers["access-control-allow-methods"] == "GET, POST, OPTIONS")
      let answer = try await httpRequest(port: port, "/api/long")
      #expect(answer.headers["access-control-allow-origin"] == "*")
      let metrics = try await httpRequest(port: port, "/metrics")
      #expect(metrics.headers["access-control-allow-origin"] == nil)
    }
    try await withServer(routes: routes, allowsOtherOrigins: false) { port, _ in
      let answer = try await httpRequest(port: port, "/api/long")
      #expect(answer.headers["access-control-allow-origin"] == nil)
    }
  }

  @Test func `a form sent by a page of another site is refused`() async throws {
    try await withServer(routes: routes) { port, _ in
      let own = try await httpRequest(
        port: port, "/api/echo", method: "POST", headers: ["Sec-Fetch-Site": "same-origin"],
        body: "a=1+2%21")
      #expect(own.body == "1 2!")
      let foreign = try await httpRequest(
        port: port, "/api/echo", method: "POST", headers: ["Sec-Fetch-Site": "cross-site"],
        body: "a=1")
      #expect(foreign.status == 403)
    }
  }

  @Test func `a body that is too long is refused`() async throws {
    try await withServer(routes: routes) { port, _ in
      let body = String(repeating: "a", count: (1 << 20) + 1)
      let answer = try await httpRequest(port: port, "/api/echo", method: "POST", body: body)
      #expect(answer.status == 413)
    }
  }

  @Test func `a request keeps the identity its client gave it, when that is printable`()
    async throws
  {
    try await withServer(routes: routes) { port, _ in
      let own = try await httpRequest(port: port, "/link", headers: ["X-Request-ID": "abc-1"])
      #expect(own.headers["x-request-id"] == "abc-1")
      for header in [[:], ["X-Request-ID": String(repeating: "x", count: 129)]] {
        let made = try await httpRequest(port: port, "/link", headers: header)
        #expect(made.headers["x-request-id"]?.count == 26)
      }
    }
  }

  @Test func `links begin with the prefix, and paths are found with and without it`()
    async throws
  {
    try await withServer(
      routes: routes, externalPrefix: "blocks/", prefixHeader: "X-Forwarded-Prefix"
    ) { port, _ in
      for path in ["/link", "/blocks/link"] {
        let answer = try await httpRequest(
          port: port, path, headers: ["X-Forwarded-Prefix": "/evil"])
        #expect(answer.body == "/blocks/x")
      }
      #expect(try await httpRequest(port: port, "/blocks/-/healthy").status == 200)
      #expect(try await httpRequest(port: port, "/blockslink").status == 404)
      #expect(try await httpRequest(port: port, "/below/a/b").body == "/below/a/b")
    }
  }

  @Test func `a proxy may say the prefix in a header`() async throws {
    try await withServer(routes: routes, prefixHeader: "X-Forwarded-Prefix") { port, _ in
      #expect(try await httpRequest(port: port, "/link").body == "/x")
      for (value, link) in [("/a/b/", "/a/b/x"), ("a", "/a/x"), ("\"><script>", "/x")] {
        let answer = try await httpRequest(
          port: port, "/link", headers: ["X-Forwarded-Prefix": value])
        #expect(answer.body == link)
      }
    }
  }

  @Test func `requests are counted by handler, method and status`() async throws {
    let registry = MetricRegistry()
    try await withServer(registry: registry, routes: routes) { port, _ in
      _ = try await httpRequest(port: port, "/api/echo", method: "POST", body: "a=1")
      _ = try await httpRequest(port: port, "/nothing", method: "PROPFIND")
      let text = try await httpRequest(port: port, "/metrics").body
      for line in [
        #"http_requests_total{code="200",handler="api_echo",method="post"} 1"#,
        #"http_requests_total{code="404",handler="none",method="unknown"} 1"#,
        #"http_request_size_bytes_sum{code="200",handler="api_echo",method="post"} 3"#,
        #"http_response_size_bytes_sum{code="200",handler="api_echo",method="post"} 1"#,
        #"http_request_duration_seconds_count{code="200",handler="api_echo",method="post"} 1"#,
        #"http_inflight_requests{handler="api_echo",method="post"} 0"#,
        #"http_inflight_requests{handler="metrics",method="get"} 1"#,
      ] { #expect(text.contains(line + "\n"), "\(line)") }
    }
  }

  @Test func `requests are logged as the configuration says`() async throws {
    let captured = CapturedLog()
    let configuration = try RequestLogConfiguration.parse(
      yaml: "http: {options: {level: INFO, decision: {log_start: true, log_end: true}}}")
    let log = RequestLog(
      configuration: Reloadable(configuration), logger: captured.logger(level: .error))
    try await withServer(routes: routes, requestLog: log) { port, _ in
      _ = try await httpRequest(port: port, "/link", headers: ["X-Request-ID": "id-7"])
    }
    let written = captured.lines
    #expect(written.count == 2)
    #expect(written.first?.contains(#"level=info msg="started call" http.method=GET"#) == true)
    #expect(written.last?.contains(#"msg="finished call""#) == true)
    #expect(written.last?.contains("http.path=/link") == true)
    #expect(written.last?.contains("http.status_code=200") == true)
    #expect(written.last?.contains("request_id=id-7") == true)
  }
}
