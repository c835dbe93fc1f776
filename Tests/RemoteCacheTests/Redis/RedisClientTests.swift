import Foundation
import Telemetry
import TestSupport
import Testing

@testable import RemoteCache

@Suite(.serialized) struct RedisClientTests {
  @Test func `what is stored is found again, under a prefix, by another client too`() async throws {
    let server = try await CacheProgram.redis()
    let registry = MetricRegistry()
    let client = try redis(
      "{addr: \"\(server.address)\", read_timeout: 30s, dial_timeout: 30s, prefix: \"p:\"}",
      registry: registry)
    var random = SeededRandom(seed: 1)
    let entries = (0..<300).map { number in
      let count = number == 0 ? 0 : Int.random(in: 0..<5000, using: &random)
      return (
        key: "key \(number)",
        value: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      )
    }
    client.store(entries, lifetime: .seconds(60))
    #expect(await client.waitFor(entries.map(\.key)) == entries.map(\.value))
    let other = try redis(
      "{addr: \"\(server.address)\", read_timeout: 30s, dial_timeout: 30s, get_multi_batch_size: 7}"
    )
    let found = await other.fetch(["key 1"] + entries.map { "p:" + $0.key })
    #expect(found == [nil] + entries.map(\.value))
    let count =
      #"thanos_redis_operation_duration_seconds_count{name="test",operation="setmulti"}"#
    #expect(try #require(value(count, in: registry)) > 0)
  }

  @Test func `passwords and databases are given`() async throws {
    let server = try await CacheProgram.redis(["--requirepass", "s3cret"])
    let right = try redis(
      "{addr: \"\(server.address)\", read_timeout: 30s, dial_timeout: 30s, password: s3cret, db: 3}"
    )
    right.store([("k", [1])], lifetime: .seconds(60))
    #expect(await right.waitFor(["k"]) == [[1]])
    let named = try redis(
      "{addr: \"\(server.address)\", username: default, password: s3cret, db: 3}")
    #expect(await named.fetch(["k"]) == [[1]])
    let elsewhere = try redis(
      "{addr: \"\(server.address)\", read_timeout: 30s, dial_timeout: 30s, password: s3cret}")
    #expect(await elsewhere.fetch(["k"]) == [nil])
    for wrong in ["password: wrong", "db: 0"] {
      let client = try redis(
        "{addr: \"\(server.address)\", read_timeout: 30s, dial_timeout: 30s, \(wrong)}")
      #expect(await client.fetch(["k"]) == [nil])
    }
  }

  @Test func `values of other kinds are misses, and are overwritten`() async throws {
    let server = try await CacheProgram.redis()
    _ = try runProcess("redis-cli", ["-p", "\(server.port)", "LPUSH", "k", "x"]).requireSuccess()
    let client = try redis("{addr: \"\(server.address)\", read_timeout: 30s, dial_timeout: 30s}")
    #expect(await client.fetch(["k"]) == [nil])
    client.store([("k", [2])], lifetime: .seconds(60))
    #expect(await client.waitFor(["k"]) == [[2]])
  }

  @Test func `a value expires, to the millisecond`() async throws {
    let server = try await CacheProgram.redis()
    let client = try redis("{addr: \"\(server.address)\", read_timeout: 30s, dial_timeout: 30s}")
    client.store([("k", [1])], lifetime: .milliseconds(6300))
    #expect(await client.waitFor(["k"]) == [[1]])
    #expect(await eventually { await client.fetch(["k"]) == [nil] })
  }

  @Test func `keys of a cluster are read and written where they are`() async throws {
    let servers = [try await Self.clusterServer(), try await Self.clusterServer()]
    try await Self.join(servers)
    let list = servers.map(\.address).joined(separator: ",")
    let client = try redis("{addr: \"\(list)\", read_timeout: 30s, dial_timeout: 30s}")
    let entries = (0..<200).map { (key: "k\($0)", value: [UInt8($0)]) }
    // Servers refuse until they agree that the cluster is whole.
    #expect(
      await eventually {
        client.store(entries, lifetime: .seconds(60))
        return await client.fetch(entries.map(\.key)) == entries.map(\.value)
      })
    for server in servers {
      let size = try runProcess("redis-cli", ["-p", "\(server.port)", "DBSIZE"]).requireSuccess()
      #expect(
        try #require(Int(size.outputText.split(whereSeparator: \.isWhitespace).last ?? "")) > 50)
    }
    // A slot moves: the client learns where to.
    _ = try runProcess("redis-cli", ["-p", "\(servers[0].port)", "FLUSHALL"]).requireSuccess()
    try await Self.moveAllSlots(servers)
    #expect(
      await eventually {
        client.store(entries, lifetime: .seconds(60))
        return await client.fetch(entries.map(\.key)) == entries.map(\.value)
      })
  }

  @Test func `sentinels tell the server`() async throws {
    let server = try await CacheProgram.redis()
    let sentinel = try await ScriptedServer.start { command in
      command.contains("get-master-addr-by-name") && command.contains("shared")
        ? .bytes(
          Array("*2\r\n$9\r\n127.0.0.1\r\n$\("\(server.port)".count)\r\n\(server.port)\r\n".utf8))
        : .bytes(Array("$-1\r\n".utf8))
    }
    let client = try redis(
      "{addr: \"\(sentinel.address)\", read_timeout: 30s, dial_timeout: 30s, master_name: shared}")
    client.store([("k", [1])], lifetime: .seconds(60))
    #expect(await client.waitFor(["k"]) == [[1]])
    let wrong = try redis(
      "{addr: \"\(sentinel.address)\", read_timeout: 30s, dial_timeout: 30s, master_name: other}")
    #expect(await wrong.fetch(["k"]) == [nil])
  }

  @Test func `a server that is killed in the middle is a miss, and serves again when it is back`()
    async throws
  {
    let server = try await CacheProgram.redis()
    let client = try redis("{addr: \"\(server.address)\", read_timeout: 30s, dial_timeout: 30s}")
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
    let again = try await CacheProgram.redis(port: server.port)
    defer { _ = again }
    #expect(
      await eventually {
        client.store([("k", [2])], lifetime: .seconds(60))
        return await client.fetch(["k"]) == [[2]]
      })
  }

  @Test func `a server that hangs is soon not asked any more`() async throws {
    let server = try await ScriptedServer.start {
      $0.contains("CLUSTER") ? .bytes(Array("-ERR no cluster\r\n".utf8)) : .nothing
    }
    let client = try redis("{addr: \"\(server.address)\", read_timeout: 20ms}")
    for _ in 0..<100 { #expect(await client.fetch(["k"]) == [nil]) }
    #expect(server.count < 20)
  }

  @Test(arguments: [
    "garbage without an end", "-ERR no\r\n", "$99999999999999999999\r\n", "$999999999\r\nx",
    "*1000000000\r\n", "*3\r\n", "$3\r\nabcd\r\n", ":x\r\n", "?\r\n", "\r\n", "*1\r\n*1\r\n*1\r\n",
    String(repeating: "*1\r\n", count: 100), String(repeating: "*500000\r\n", count: 4),
    String(repeating: "x", count: 100_000), "$-1\r\n$-1\r\n",
  ])
  func `an answer that is none is a miss`(answer: String) async throws {
    for closes in [false, true] {
      let server = try await ScriptedServer.start { command in
        if command.contains("CLUSTER") { return .bytes(Array("-ERR no cluster\r\n".utf8)) }
        return closes ? .last(Array(answer.utf8)) : .bytes(Array(answer.utf8))
      }
      let client = try redis("{addr: \"\(server.address)\", read_timeout: 50ms}")
      for _ in 0..<5 { #expect(await client.fetch(["k"]) == [nil]) }
      client.store([("k", [1])], lifetime: .seconds(1))
    }
  }

  @Test(arguments: [
    "*0\r\n", "*1\r\n:1\r\n", "*1\r\n*3\r\n:0\r\n:99999\r\n*2\r\n$1\r\nx\r\n:1\r\n",
    "*1\r\n*3\r\n:5\r\n:4\r\n*2\r\n$1\r\nx\r\n:1\r\n", "*1\r\n*3\r\n:0\r\n:1\r\n*0\r\n",
    "*1\r\n*3\r\n:-1\r\n:1\r\n*2\r\n$1\r\nx\r\n:1\r\n",
  ])
  func `a description of a cluster that is none makes a single server`(answer: String) async throws
  {
    let server = try await ScriptedServer.start { command in
      .bytes(Array((command.contains("CLUSTER") ? answer : "$1\r\nv\r\n").utf8))
    }
    let client = try redis("{addr: \"\(server.address)\", read_timeout: 30s, dial_timeout: 30s}")
    #expect(await client.fetch(["k"]) == [[UInt8(ascii: "v")]])
  }

  // MARK: Clusters

  private static func clusterServer() async throws -> CacheProgram {
    let directory = try makeTemporaryDirectory()
    removeAtExit(directory)
    var port = try freePort()
    // Servers talk to each other at a port that is larger by 10,000.
    for _ in 0..<100 where port > 55_000 { port = try freePort() }
    return try await CacheProgram.redis(
      port: port,
      ["--cluster-enabled", "yes", "--dir", directory, "--cluster-require-full-coverage", "no"])
  }

  private static func join(_ servers: [CacheProgram]) async throws {
    func run(_ server: CacheProgram, _ words: String...) throws {
      _ = try runProcess("redis-cli", ["-p", "\(server.port)"] + words).requireSuccess()
    }
    try run(servers[0], "CLUSTER", "ADDSLOTSRANGE", "0", "8000")
    try run(servers[1], "CLUSTER", "ADDSLOTSRANGE", "8001", "16383")
    try run(servers[1], "CLUSTER", "SET-CONFIG-EPOCH", "2")
    try run(servers[0], "CLUSTER", "MEET", "127.0.0.1", "\(servers[1].port)")
    for server in servers {
      #expect(
        await eventually {
          let answer = try? runProcess("redis-cli", ["-p", "\(server.port)", "CLUSTER", "SLOTS"])
          let text = answer?.outputText ?? ""
          return servers.allSatisfy { text.contains("\($0.port)") }
        })
    }
  }

  private static func moveAllSlots(_ servers: [CacheProgram]) async throws {
    let identity = try runProcess("redis-cli", ["-p", "\(servers[1].port)", "CLUSTER", "MYID"])
      .requireSuccess().outputText.filter { !$0.isWhitespace }
    let commands = (0...8000).map { "CLUSTER SETSLOT \($0) NODE \(identity)" }.joined(
      separator: "\n")
    for server in servers.reversed() {
      try withTemporaryDirectory { directory in
        let path = directory + "/commands"
        try commands.write(toFile: path, atomically: true, encoding: .utf8)
        _ = try runProcess("sh", ["-c", "redis-cli -p \(server.port) < \(path) > /dev/null"])
          .requireSuccess()
      }
    }
  }
}
