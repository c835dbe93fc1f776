import Logging
import ServiceLifecycle
import Telemetry
import TestSupport
import Testing

@testable import ServerRuntime

/// Clients of the HTTP server that are slow, many, or do not listen.
@Suite(.timeLimit(.minutes(2))) struct ConnectionTests {
  private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func withServer(
    _ limits: AdminChannel.Limits, routes: [AdminRoute] = [],
    _ body: @Sendable (Int) async throws -> Void
  ) async throws {
    var configuration = AdminConfiguration(address: ListenAddress(host: "127.0.0.1", port: 0))
    configuration.limits = limits
    let registry = MetricRegistry()
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let server = AdminServer(
      configuration: configuration, registry: registry,
      probe: Probe(component: "store", registry: registry), routes: routes, logger: quiet,
      onListening: { port.yield($0) })
    let group = ServiceGroup(services: [server], logger: quiet)
    try await withThrowingTaskGroup { tasks in
      tasks.addTask { try await group.run() }
      var iterator = ports.makeAsyncIterator()
      let number = try #require(await iterator.next())
      try await body(number)
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  @Test(arguments: [
    "", "GET /metrics HTTP/1.1\r\nHost:", "POST /-/reload HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc",
  ])
  func `a request that does not end is not waited for`(beginning: String) async throws {
    var limits = AdminChannel.Limits()
    limits.request = .milliseconds(200)
    try await withServer(limits) { port in
      let connection = try RawConnection(port: port)
      try connection.send(Array(beginning.utf8))
      #expect(await connection.isClosed(within: 60))
      connection.close()
    }
  }

  @Test func `a request that trickles is not waited for`() async throws {
    var limits = AdminChannel.Limits()
    limits.request = .milliseconds(300)
    try await withServer(limits) { port in
      let connection = try RawConnection(port: port)
      try connection.send(Array("POST /-/reload HTTP/1.1\r\nContent-Length: 100000\r\n\r\n".utf8))
      var isClosed = false
      while !isClosed {
        try? connection.send([0x78])
        isClosed = await connection.isClosed(within: 0)
        if !isClosed { isClosed = await connection.isAbandoned(within: 1) }
      }
      connection.close()
    }
  }

  @Test func `between requests a connection may rest, but not for ever`() async throws {
    var limits = AdminChannel.Limits()
    limits.request = .milliseconds(100)
    limits.idle = .milliseconds(600)
    try await withServer(limits) { port in
      let connection = try RawConnection(port: port)
      try connection.send(Array("GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
      #expect(await connection.isClosed(within: 60))
      connection.close()
    }
  }

  @Test func `who does not take an answer is left`() async throws {
    var limits = AdminChannel.Limits()
    limits.stalledAnswer = .milliseconds(300)
    let large = AdminRoute(.get, "/large") { _ in
      AdminResponse(body: [UInt8](repeating: 0x78, count: 64 << 20))
    }
    try await withServer(limits, routes: [large]) { port in
      let connection = try RawConnection(port: port)
      try connection.send(Array("GET /large HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
      #expect(await connection.isAbandoned(within: 60))
      connection.close()
      // One who takes it gets all of it.
      #expect(try await httpRequest(port: port, "/large").bytes.count == 64 << 20)
    }
  }

  @Test func `more connections than may be are refused until others end`() async throws {
    var limits = AdminChannel.Limits()
    limits.connections = 3
    try await withServer(limits) { port in
      let open = try (0..<3).map { _ in try RawConnection(port: port) }
      for connection in open {
        try connection.send(Array("GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(await !connection.isClosed(within: 1))
      }
      let refused = try RawConnection(port: port)
      #expect(await refused.isClosed(within: 60))
      refused.close()
      for connection in open { connection.close() }
      while (try? await httpRequest(port: port, "/-/healthy").status) != 200 {
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }
}
