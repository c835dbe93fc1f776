import NIOCore
import Telemetry
import TestSupport
import Testing

@testable import RemoteCache

// A machine that does much at once is slow: timeouts of tests that do not wait for one are long.
@Suite(.serialized) struct MemcachedClientTests {
  @Test func `what is stored is found again, by another client too`() async throws {
    let server = try await CacheProgram.memcached()
    let registry = MetricRegistry()
    let client = try memcached(
      "{addresses: [\"\(server.address)\"], timeout: 30s}", registry: registry)
    var random = SeededRandom(seed: 1)
    let entries = (0..<300).map { number in
      let count = number == 0 ? 0 : Int.random(in: 0..<5000, using: &random)
      return (
        key: "key-\(number)",
        value: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      )
    }
    client.store(entries, lifetime: .seconds(60))
    #expect(await client.waitFor(entries.map(\.key)) == entries.map(\.value))
    let other = try memcached(
      "{addresses: [\"\(server.address)\"], timeout: 30s, max_get_multi_batch_size: 7}")
    let found = await other.fetch(["none"] + entries.map(\.key) + ["no key", "key-1", ""])
    #expect(found == [nil] + entries.map(\.value) + [nil, entries[1].value, nil])
    let labels = #"{name="test",operation="set"}"#
    #expect(value("thanos_memcached_operations_total\(labels)", in: registry) == 300)
  }

  @Test func `keys are spread over servers, and a dead one costs its keys only`() async throws {
    let servers = [try await CacheProgram.memcached(), try await CacheProgram.memcached()]
    let list = servers.map { "\"\($0.address)\"" }.joined(separator: ", ")
    let client = try memcached("{addresses: [\(list)], timeout: 30s}")
    let entries = (0..<100).map { (key: "k\($0)", value: [UInt8($0)]) }
    client.store(entries, lifetime: .seconds(60))
    #expect(await client.waitFor(entries.map(\.key)) == entries.map(\.value))
    var counts: [Int] = []
    for server in servers {
      let one = try memcached("{addresses: [\"\(server.address)\"], timeout: 30s}")
      counts.append(await one.fetch(entries.map(\.key)).count { $0 != nil })
    }
    #expect(counts.reduce(0, +) == 100)
    #expect(counts.allSatisfy { $0 > 20 })
    await servers[0].kill()
    for _ in 0..<10 {
      let found = await client.fetch(entries.map(\.key))
      #expect(found.count { $0 != nil } == counts[1])
    }
  }

  @Test func `a value expires`() async throws {
    let server = try await CacheProgram.memcached()
    let client = try memcached("{addresses: [\"\(server.address)\"], timeout: 30s}")
    client.store([("short", [1])], lifetime: .seconds(1))
    client.store([("long", [2])], lifetime: .seconds(40 * 24 * 3600))
    #expect(await client.waitFor(["long"]) == [[2]])
    #expect(await eventually { await client.fetch(["short"]) == [nil] })
    #expect(await client.fetch(["long"]) == [[2]])
  }

  @Test func `values that are too large, and keys that cannot be sent, are left out`() async throws
  {
    let server = try await CacheProgram.memcached()
    let registry = MetricRegistry()
    let client = try memcached(
      "{addresses: [\"\(server.address)\"], timeout: 30s, max_item_size: 10B}", registry: registry)
    client.store(
      [
        ("large", Array(repeating: 1, count: 11)), ("two words", [1]), ("ünicode", [1]),
        (String(repeating: "k", count: 251), [1]), ("line\r\nget x", [1]), ("good", [2]),
      ], lifetime: .seconds(60))
    #expect(await client.waitFor(["good"]) == [[2]])
    #expect(await client.fetch(["large"]) == [nil])
    let skipped =
      #"thanos_memcached_operation_skipped_total{name="test",operation="set",reason="max-item-size"}"#
    #expect(value(skipped, in: registry) == 1)
    let malformed =
      #"thanos_memcached_operation_failures_total{name="test",operation="set",reason="malformed-key"}"#
    #expect(value(malformed, in: registry) == 4)
  }

  @Test func `a value larger than the server takes does not hurt its neighbours`() async throws {
    let server = try await CacheProgram.memcached()
    let client = try memcached(
      "{addresses: [\"\(server.address)\"], timeout: 30s, max_item_size: 0}")
    client.store([("a", [1])], lifetime: .seconds(60))
    client.store([("huge", Array(repeating: 1, count: 3 << 20))], lifetime: .seconds(60))
    client.store([("b", [2])], lifetime: .seconds(60))
    #expect(await client.waitFor(["a", "b"]) == [[1], [2]])
    #expect(await client.fetch(["huge"]) == [nil])
  }

  @Test func `a server that is killed in the middle is a miss, and serves again when it is back`()
    async throws
  {
    let server = try await CacheProgram.memcached()
    let client = try memcached("{addresses: [\"\(server.address)\"], timeout: 30s}")
    client.store([("k", [1])], lifetime: .seconds(60))
    #expect(await client.waitFor(["k"]) == [[1]])
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<200 {
            let found = await client.fetch(["k"])
            #expect(found == [nil] || found == [[1]])
          }
        }
      }
      await server.kill()
    }
    let again = try await CacheProgram.memcached(port: server.port)
    defer { _ = again }
    #expect(
      await eventually {
        client.store([("k", [2])], lifetime: .seconds(60))
        return await client.fetch(["k"]) == [[2]]
      })
  }

  @Test func `a server that hangs is soon not asked any more`() async throws {
    let server = try await ScriptedServer.start { _ in .nothing }
    let client = try memcached("{addresses: [\"\(server.address)\"], timeout: 20ms}")
    for _ in 0..<100 { #expect(await client.fetch(["k"]) == [nil]) }
    #expect(server.count < 10)
  }

  @Test func `nobody waits for a server that is not there`() async throws {
    let port = try freePort()
    let client = try memcached("{addresses: [\"127.0.0.1:\(port)\"], max_async_buffer_size: 5}")
    for number in 0..<1000 {
      #expect(await client.fetch(["k"]) == [nil])
      client.store([("k\(number)", [1])], lifetime: .seconds(1))
    }
  }

  @Test(arguments: [
    "garbage without an end", "ERROR\r\n", "SERVER_ERROR busy\r\n", "VALUE\r\n", "VALUE k 0\r\n",
    "VALUE k 0 99999999999999999999\r\nx", "VALUE k 0 999999999\r\nx", "VALUE k 0 -1\r\n",
    "VALUE k 0 1\r\nxyEND\r\n", "END", "STORED\r\n", "VALUE k 0 1\r\n", "\r\n", "\n",
    String(repeating: "x", count: 100_000), "END\r\nEND\r\n",
  ])
  func `an answer that is none is a miss`(answer: String) async throws {
    for closes in [false, true] {
      let server = try await ScriptedServer.saying(answer, closes: closes)
      let client = try memcached("{addresses: [\"\(server.address)\"], timeout: 50ms}")
      for _ in 0..<5 { #expect(await client.fetch(["k"]) == [nil]) }
      client.store([("k", [1])], lifetime: .seconds(1))
    }
  }

  @Test func `a value under a key that was not asked for is left out`() async throws {
    let server = try await ScriptedServer.saying(
      "VALUE other 0 1\r\nx\r\nVALUE k 1 1 7\r\ny\r\nEND\r\n")
    let client = try memcached("{addresses: [\"\(server.address)\"], timeout: 30s}")
    #expect(await client.fetch(["k", "j"]) == [[UInt8(ascii: "y")], nil])
  }

  @Test func `an answer in single bytes is read`() async throws {
    let answer = Array("VALUE k 0 3\r\nabc\r\nEND\r\n".utf8)
    var parser = MemcachedValues(valueLimit: 10, totalLimit: 100)
    var bytes = ByteBuffer()
    for (place, byte) in answer.enumerated() {
      bytes.writeInteger(byte)
      let reply = try parser.parse(&bytes)
      #expect((reply != nil) == (place == answer.count - 1))
      if let reply { #expect(reply == ["k": Array("abc".utf8)]) }
    }
  }

  @Test(arguments: ["VALUE k 0 10\r\n0123456789\r\n", "VALUE k 0 0\r\n\r\n"])
  func `many values of an allowed size are refused together`(value: String) {
    var parser = MemcachedValues(valueLimit: 10, totalLimit: 1000)
    var few = ByteBuffer(string: String(repeating: value, count: 10))
    #expect(throws: Never.self) { try parser.parse(&few) }
    var more = ByteBuffer(string: String(repeating: value, count: 10))
    #expect(throws: WireFailure.self) { try parser.parse(&more) }
  }

  @Test func `cancelling a query ends its request`() async throws {
    let server = try await ScriptedServer.start { _ in .nothing }
    let client = try memcached("{addresses: [\"\(server.address)\"], timeout: 1h}")
    let task = Task { await client.fetch(["k"]) }
    #expect(await eventually { server.count == 1 })
    task.cancel()
    #expect(await task.value == [nil])
  }
}
