import BlockCatalog
import Foundation
import Logging
import ObjectStore
import StoreAPI
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

@Suite struct BlockSyncTests {
  typealias Fixture = SyncFixture

  @Test func `a block that cannot be opened does not stop the others and is tried again`()
    async throws
  {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      let good = try fixture.makeBlock(1)
      let broken = try fixture.makeBlock(2)
      let index = try fileBytes(broken + "/index")
      try writeFile(Array(index.dropLast(60)), to: broken + "/index")
      try await fixture.sync.run()
      #expect(fixture.served == [good])
      #expect(fixture.counter("block_loads_total") == 2)
      #expect(fixture.counter("block_load_failures_total") == 1)
      try writeFile(index, to: broken + "/index")
      try await fixture.sync.run()
      #expect(fixture.served == [good, broken])
      #expect(fixture.counter("block_loads_total") == 3)
      #expect(fixture.counter("block_load_failures_total") == 1)
    }
  }

  @Test func `blocks appear and disappear with the bucket`() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      try await fixture.sync.run()
      #expect(fixture.served.isEmpty)
      let first = try fixture.makeBlock(1)
      let second = try fixture.makeBlock(2)
      try await fixture.sync.run()
      #expect(fixture.served == [first, second])
      _ = try runProcess("rm", ["-r", first]).requireSuccess()
      try await fixture.sync.run()
      #expect(fixture.served == [second])
      #expect(fixture.counter("block_drops_total") == 1)
      #expect(fixture.counter("block_loads_total") == 2)
    }
  }

  @Test func `a block with new labels is opened anew`() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      let path = try fixture.makeBlock(1, replica: "a")
      try await fixture.sync.run()
      var meta = try BlockReader.readMeta(path)
      meta.thanos?.labels = [.init(name: Array("replica".utf8), value: Array("other".utf8))]
      try writeFile(meta.jsonBytes(), to: path + "/meta.json")
      try await fixture.sync.run()
      let labels = fixture.blocks.current.sets.first?.externalLabels.first
      #expect(labels?.value == Array("other".utf8))
      #expect(fixture.counter("block_drops_total") == 0)
    }
  }

  @Test func `when the bucket cannot be seen what was served stays`() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      let path = try fixture.makeBlock(1)
      try await fixture.sync.run()
      fixture.bucket.refuse("", .transient)
      await #expect(throws: BucketError.self) { try await fixture.sync.run() }
      #expect(fixture.served == [path])
      let failures = fixture.registry.counter("thanos_blocks_meta_sync_failures_total", help: "")
      #expect(failures.value == 1)
    }
  }

  @Test func `an incomplete view adds blocks and drops none`() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      let first = try fixture.makeBlock(1, replica: "a")
      let second = try fixture.makeBlock(2, replica: "b")
      #expect(try await fixture.sync.run() == nil)
      #expect(fixture.announced == ["a", "b"])
      let future = "\(directory)/\(BlockID.make(now: 9))"
      try FileManager.default.createDirectory(
        atPath: future, withIntermediateDirectories: false)
      try writeFile(Array(#"{"version": 20}"#.utf8), to: future + "/meta.json")
      try FileManager.default.removeItem(atPath: first)
      let third = try fixture.makeBlock(3, replica: "c")
      let gap = try await fixture.sync.run()
      #expect(gap.map { "\($0)" }?.hasPrefix("incomplete view: ") == true)
      #expect(fixture.served == [first, second, third])
      #expect(fixture.announced == ["a", "b", "c"])
      #expect(fixture.counter("block_drops_total") == 0)
      // A block of which it is known that it is gone goes, whatever is not known of others.
      #expect(await fixture.sync.recheck(try blockID(first)) == .gone)
      #expect(fixture.served == [second, third])
      try FileManager.default.removeItem(atPath: second)
      try FileManager.default.removeItem(atPath: future)
      #expect(try await fixture.sync.run() == nil)
      #expect(fixture.served == [third])
      #expect(fixture.announced == ["c"])
      #expect(fixture.counter("block_drops_total") == 2)
    }
  }

  @Test func `label sets stay announced until the bucket has no such block`() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      let broken = try fixture.makeBlock(1, replica: "a")
      try writeFile([1, 2, 3], to: broken + "/index")
      _ = try fixture.makeBlock(2, replica: "b")
      try await fixture.sync.run()
      #expect(fixture.announced == ["a", "b"])
      let summary = StoreSummary(
        fixture.blocks.current, window: ServedWindow.everything.current)
      // What cannot be opened is no reason to be asked about its times.
      #expect(summary.coverage.count == 1)
      #expect(summary.minTime == 2)
      try FileManager.default.removeItem(atPath: broken)
      try await fixture.sync.run()
      #expect(fixture.announced == ["b"])
    }
  }

  @Test func `blocks are served while others are still being opened`() async throws {
    try await withTemporaryDirectory { directory in
      let (stream, gate) = AsyncStream<Void>.makeStream()
      let slow = BlockID.make(now: 2)
      let fixture = try Fixture(directory) { meta, open in
        if meta.id == slow { for await _ in stream {} }
        return await open(meta)
      }
      let first = try fixture.makeBlock(1, replica: "a")
      let second = try fixture.makeBlock(slow, replica: "b")
      let third = try fixture.makeBlock(3, replica: "c")
      let run = Task { try await fixture.sync.run() }
      try await fixture.sync.catalogIsKnown.wait()
      while fixture.served != [first, third] { try await Task.sleep(for: .milliseconds(1)) }
      let snapshot = fixture.blocks.current
      #expect(snapshot.unavailable.map(\.meta.id) == [slow])
      #expect(
        snapshot.unavailable(for: [], minTime: 0, maxTime: 100).map { "\($0)" }
          == ["block \(slow) is not open yet"])
      #expect(snapshot.unavailable(for: [], minTime: 3, maxTime: 100).isEmpty)
      let other = try LabelMatcher(.equal, "replica", "x")
      #expect(snapshot.unavailable(for: [other], minTime: 0, maxTime: 100).isEmpty)
      #expect(fixture.waitingCount == 1)
      // Queriers have to ask for it to learn that it is missing.
      #expect(fixture.announced == ["a", "b", "c"])
      let summary = StoreSummary(snapshot, window: ServedWindow.everything.current)
      #expect(summary.coverage.map(\.minTime) == [1, 2, 3])
      gate.finish()
      #expect(try await run.value == nil)
      #expect(fixture.served == [first, second, third])
      #expect(fixture.blocks.current.unavailable.isEmpty)
      #expect(fixture.waitingCount == 0)
    }
  }

  @Test func `a block that is replaced stays until the other one is open`() async throws {
    try await withTemporaryDirectory { directory in
      let (stream, gate) = AsyncStream<Void>.makeStream()
      let merged = BlockID.make(now: 3)
      let fixture = try Fixture(directory) { meta, open in
        if meta.id == merged { for await _ in stream {} }
        return await open(meta)
      }
      let parts = try [fixture.makeBlock(1), fixture.makeBlock(2)]
      let gone = try fixture.makeBlock(4)
      try await fixture.sync.run()
      #expect(fixture.served == parts + [gone])
      let path = try fixture.makeBlock(merged, sources: parts.map(blockID))
      try FileManager.default.removeItem(atPath: gone)
      let run = Task { try await fixture.sync.run() }
      // What is no longer in the bucket goes at once; what is only hidden waits.
      while fixture.waitingCount == 0 { try await Task.sleep(for: .milliseconds(1)) }
      #expect(fixture.served == parts)
      gate.finish()
      _ = try await run.value
      #expect(fixture.served == [path])
    }
  }

  @Test func `a block that cannot be opened is reported to those who ask for it`() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      let broken = try fixture.makeBlock(1)
      let index = try fileBytes(broken + "/index")
      try writeFile([1, 2, 3], to: broken + "/index")
      try await fixture.sync.run()
      let unavailable = fixture.blocks.current.unavailable(for: [], minTime: 0, maxTime: 10)
      #expect(unavailable.count == 1)
      #expect(unavailable.first.map { "\($0)" }?.contains("cannot be opened: ") == true)
      // A change of another block is no reason to try again; one of its own is.
      let other = try fixture.makeBlock(2)
      await fixture.sync.refresh([try blockID(other)])
      #expect(fixture.counter("block_loads_total") == 2)
      try writeFile(index, to: broken + "/index")
      await fixture.sync.refresh([try blockID(broken)])
      #expect(fixture.counter("block_loads_total") == 3)
      #expect(fixture.blocks.current.unavailable.isEmpty)
    }
  }

  @Test func `files kept of blocks that are gone are removed, real blocks are not`() async throws {
    try await withTemporaryDirectory { directory in
      let data = directory + "/data"
      let fixture = try Fixture(
        directory, retainLocalFiles: { await LocalBlockFiles(dataDirectory: data).retain($0) })
      func keep(_ name: String, _ file: String) throws {
        try FileManager.default.createDirectory(
          atPath: "\(data)/\(name)", withIntermediateDirectories: true)
        try writeFile([1], to: "\(data)/\(name)/\(file)")
      }
      func kept() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: data))
      }
      let ids = try [fixture.makeBlock(1), fixture.makeBlock(2)].map { String($0.suffix(26)) }
      let (stale, real) = ("\(BlockID.make(now: 7))", "\(BlockID.make(now: 8))")
      for name in ids + [stale, "meta-syncer"] { try keep(name, "index-header") }
      try keep(real, "index")
      try await fixture.sync.run()
      #expect(try kept() == Set(ids + [real, "meta-syncer"]))
      try FileManager.default.removeItem(atPath: "\(directory)/\(ids[0])")
      try await fixture.sync.run()
      #expect(try kept() == [ids[1], real, "meta-syncer"])
    }
  }

  // MARK: - Rechecks

  @Test func `many who miss something in a block look once, and a block that is gone goes`()
    async throws
  {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      let first = try fixture.makeBlock(1)
      let second = try fixture.makeBlock(2)
      try await fixture.sync.run()
      #expect(await fixture.sync.recheck(try blockID(first)) == .present)
      try FileManager.default.removeItem(atPath: first)
      let id = try blockID(first)
      fixture.bucket.hold("\(id)")
      let before = fixture.bucket.listCount
      let answers = await withTaskGroup(of: Recheck.self) { group in
        for _ in 0..<20 { group.addTask { await fixture.sync.recheck(id) } }
        while await fixture.sync.waitingRechecks(of: id) < 20 {
          try? await Task.sleep(for: .milliseconds(1))
        }
        fixture.bucket.release()
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers == Array(repeating: .gone, count: 20))
      #expect(fixture.bucket.listCount == before + 1)
      #expect(fixture.served == [second])
      #expect(fixture.counter("block_drops_total") == 1)
      // What took its place is looked for.
      for await _ in fixture.sync.requests.stream { break }
    }
  }

  @Test func `a block without meta json is gone, one that cannot be looked at is not`()
    async throws
  {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      let first = try fixture.makeBlock(1)
      let second = try fixture.makeBlock(2)
      try await fixture.sync.run()
      try FileManager.default.removeItem(atPath: first + "/meta.json")
      #expect(await fixture.sync.recheck(try blockID(first)) == .gone)
      fixture.bucket.refuse(String(second.suffix(26)), .transient)
      let answer = await fixture.sync.recheck(try blockID(second))
      #expect(answer == .unknown("cannot list \(second.suffix(26)): is away"))
      #expect(fixture.served == [second])
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a cancelled call does not wait for the bucket`() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = try Fixture(directory)
      let path = try fixture.makeBlock(1)
      try await fixture.sync.run()
      let id = try blockID(path)
      fixture.bucket.hold("\(id)")
      let call = Task { await fixture.sync.recheck(id) }
      while await fixture.sync.waitingRechecks(of: id) == 0 {
        try await Task.sleep(for: .milliseconds(1))
      }
      call.cancel()
      #expect(await call.value == .unknown("the call was cancelled"))
      fixture.bucket.release()
      #expect(await fixture.sync.recheck(id) == .present)
    }
  }
}

extension BlockSync {
  fileprivate func waitingRechecks(of id: BlockID) -> Int { rechecks[id]?.waiting ?? 0 }
}
