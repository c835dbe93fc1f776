import NIOCore
import NIOPosix
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import RemoteCache

/// A name server in this process that answers questions for services.
private final class NameServer: Sendable {
  private let channel: any Channel
  let records: Shared

  final class Shared: Sendable {
    let records = Mutex<[(target: String, port: Int)]?>([])
  }

  var port: UInt16 { UInt16(channel.localAddress?.port ?? 0) }

  init() async throws {
    let shared = Shared()
    records = shared
    channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Handler(shared))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  deinit { channel.close(promise: nil) }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>
    private let shared: Shared

    init(_ shared: Shared) { self.shared = shared }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let question = unwrapInboundIn(data)
      let known = shared.records.withLock { $0 }
      let answer = DNSAnswer.services(
        (known ?? []).map { (DNSAnswer.name($0.target), $0.port) },
        question: Array(question.data.readableBytesView), code: known == nil ? 2 : 0)
      context.writeAndFlush(
        wrapOutboundOut(
          AddressedEnvelope(
            remoteAddress: question.remoteAddress, data: ByteBuffer(bytes: answer))),
        promise: nil)
    }
  }
}

@Suite(.serialized) struct DirectoryTests {
  private func directory(
    _ texts: [String], lifetime: Duration? = nil, registry: MetricRegistry = MetricRegistry(),
    _ resolve: @escaping ServerDirectory.Resolve
  ) throws -> ServerDirectory {
    ServerDirectory(
      try texts.map { try #require(CacheAddress($0)) }, lifetime: lifetime,
      patience: .seconds(30),
      metrics: AddressMetrics(name: "test", discovers: false, registry: registry), logger: quiet,
      resolve: resolve)
  }

  @Test func `services are looked up, with the addresses of their targets or without`() async throws
  {
    let server = try await NameServer()
    server.records.records.withLock { $0 = [("localhost", 11), ("localhost", 9)] }
    let lookup = NameLookup(server: ("127.0.0.1", server.port))
    func servers(_ text: String) throws -> [String] {
      try lookup.servers(of: try #require(CacheAddress(text))).map(\.description)
    }
    #expect(try servers("dnssrv+_m._tcp.test.") == ["127.0.0.1:11", "127.0.0.1:9"])
    #expect(try servers("dnssrvnoa+_m._tcp.test.") == ["localhost:11", "localhost:9"])
    #expect(try servers("dnssrvnoa+_m._tcp.test.:5") == ["localhost:5", "localhost:5"])
    #expect(try servers("dns+localhost:7") == ["127.0.0.1:7"])
    server.records.records.withLock { $0 = [] }
    #expect(try servers("dnssrv+_m._tcp.test.") == [])
    server.records.records.withLock { $0 = nil }
    #expect(throws: LookupFailure.self) { try servers("dnssrv+_m._tcp.test.") }
  }

  @Test func `servers are in natural order, and old ones stay when a lookup fails`() async throws {
    let registry = MetricRegistry()
    let state = Box<[String: Result<[ServerAddress], LookupFailure>]>([
      "dns+a:1": .success([.init(host: "x", port: 10), .init(host: "x", port: 9)]),
      "dns+b:1": .success([.init(host: "w", port: 1)]),
    ])
    let directory = try directory(
      ["dns+a:1", "z:1", "dns+b:1"], lifetime: .milliseconds(1), registry: registry
    ) { address in
      if case .server(let server) = address.kind { return .success([server]) }
      return state.value[address.text] ?? .success([])
    }
    #expect(await directory.servers().map(\.description) == ["w:1", "x:9", "x:10", "z:1"])
    state.set("dns+a:1", .failure(LookupFailure(detail: "no")))
    state.set("dns+b:1", .success([.init(host: "v", port: 2)]))
    #expect(
      await eventually {
        await directory.servers().map(\.description) == ["v:2", "x:9", "x:10", "z:1"]
      })
    #expect(
      try #require(value(#"thanos_memcached_dns_failures_total{name="test"}"#, in: registry)) >= 1)
    #expect(
      try #require(value(#"thanos_memcached_dns_lookups_total{name="test"}"#, in: registry)) >= 4)
    #expect(
      value(#"thanos_memcached_dns_provider_results{addr="dns+b:1",name="test"}"#, in: registry)
        == 1)
  }

  @Test func `a client finds its servers by their name`() async throws {
    let server = try await CacheProgram.memcached()
    let client = try memcached("{addresses: [\"dns+localhost:\(server.port)\"], timeout: 30s}")
    client.store([("k", [1])], lifetime: .seconds(60))
    #expect(await client.waitFor(["k"]) == [[1]])
  }

  @Test func `an endpoint tells the servers of its cluster`() async throws {
    let server = try await CacheProgram.memcached()
    let content = "12\nlocalhost|127.0.0.1|\(server.port)\n"
    let endpoint = try await ScriptedServer.saying(
      "CONFIG cluster 0 \(content.utf8.count)\r\n\(content)\r\nEND\r\n")
    let registry = MetricRegistry()
    let client = try memcached(
      "{addresses: [\"\(endpoint.address)\"], auto_discovery: true, timeout: 30s}",
      registry: registry)
    client.store([("k", [1])], lifetime: .seconds(60))
    #expect(await client.waitFor(["k"]) == [[1]])
    let version =
      "thanos_memcached_auto_discovery_config_version{addr=\"\(endpoint.address)\",name=\"test\"}"
    #expect(value(version, in: registry) == 12)
  }

  @Test(arguments: [
    "ERROR\r\n", "CONFIG cluster 0 99999999\r\n", "CONFIG cluster 0 3\r\n1\nx\r\nEND\r\n",
    "CONFIG cluster 0 7\r\n1\na|b|c\r\nEND\r\n", "CONFIG cluster 0 8\r\n1\n|| 1\n\r\nEND\r\n",
  ])
  func `an endpoint that answers otherwise has no servers`(answer: String) async throws {
    let endpoint = try await ScriptedServer.saying(answer)
    let client = try memcached(
      "{addresses: [\"\(endpoint.address)\"], auto_discovery: true, timeout: 50ms}")
    #expect(await client.fetch(["k"]) == [nil])
  }

  private final class Box<Value: Sendable>: Sendable {
    private let state: Mutex<Value>
    init(_ value: Value) { state = Mutex(value) }
    var value: Value { state.withLock { $0 } }
    func set<Element: Sendable>(_ key: String, _ element: Element)
    where Value == [String: Element] { state.withLock { $0[key] = element } }
  }
}
