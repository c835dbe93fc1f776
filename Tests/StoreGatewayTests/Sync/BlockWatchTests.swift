import BlockCatalog
import Foundation
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import StoreGateway

/// Changes in a directory are served without a sync being asked for.
@Suite(.timeLimit(.minutes(1))) struct BlockWatchTests {
  /// Runs `body` beside a loop whose regular sync does not come.
  private func withLoop(
    watcher: DirectoryWatcher = DirectoryWatcher(), _ body: (SyncFixture) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      let fixture = try SyncFixture(directory)
      let loop = BlockSyncLoop(
        sync: fixture.sync,
        watch: BlockWatch(
          root: directory, sync: fixture.sync, watcher: watcher, logger: fixture.logger),
        interval: .seconds(3600), logger: fixture.logger)
      let run = Task { try await loop.run() }
      try await loop.waitUntilReady()
      do {
        try await body(fixture)
      } catch {
        run.cancel()
        throw error
      }
      run.cancel()
      // The loop ends when it is told to, whatever it waits for.
      await #expect(throws: CancellationError.self) { try await run.value }
    }
  }

  private func wait(until isDone: () -> Bool) async throws {
    while !isDone() { try await Task.sleep(for: .milliseconds(5)) }
  }

  @Test func `a block is served when its meta json appears, and not before`() async throws {
    try await withLoop { fixture in
      let first = try fixture.makeBlock(1)
      try await wait { fixture.served == [first] }
      // As an upload does it: the parts, and meta.json last.
      let second = try fixture.makeBlock(2)
      let meta = try fileBytes(second + "/meta.json")
      try FileManager.default.removeItem(atPath: second + "/meta.json")
      let third = try fixture.makeBlock(3)
      try await wait { fixture.served == [first, third] }
      try writeFile(meta, to: second + "/meta.json")
      try await wait { fixture.served == [first, second, third] }
    }
  }

  @Test func `a block that is moved in or out, or deleted, is noticed`() async throws {
    try await withTemporaryDirectory { elsewhere in
      try await withLoop { fixture in
        let path = try fixture.makeBlock(1)
        try await wait { fixture.served == [path] }
        let away = "\(elsewhere)/\(try blockID(path))"
        try FileManager.default.moveItem(atPath: path, toPath: away)
        try await wait { fixture.served == [] }
        try FileManager.default.moveItem(atPath: away, toPath: path)
        try await wait { fixture.served == [path] }
        // A directory that comes back is another one, and watched again.
        try FileManager.default.removeItem(atPath: path + "/meta.json")
        try await wait { fixture.served == [] }
        try FileManager.default.removeItem(atPath: path)
        let again = try fixture.makeBlock(try blockID(path), replica: "b")
        try await wait { fixture.served == [again] && fixture.announced == ["b"] }
      }
    }
  }

  @Test func `a deletion mark is noticed, and that it is taken back`() async throws {
    try await withLoop { fixture in
      let path = try fixture.makeBlock(1)
      try await wait { fixture.served == [path] }
      let mark = DeletionMark(id: try blockID(path), time: 1)
      try writeFile(mark.jsonBytes(), to: path + "/" + DeletionMark.fileName)
      try await wait { fixture.served == [] }
      try FileManager.default.removeItem(atPath: path + "/" + DeletionMark.fileName)
      try await wait { fixture.served == [path] }
    }
  }

  @Test func `a meta json that is rewritten in place is read again`() async throws {
    try await withLoop { fixture in
      let path = try fixture.makeBlock(1, replica: "a")
      try await wait { fixture.announced == ["a"] }
      var meta = try BlockReader.readMeta(path)
      meta.thanos?.labels = [.init(name: Array("replica".utf8), value: Array("other".utf8))]
      try writeFile(meta.jsonBytes(), to: path + "/meta.json")
      try await wait { fixture.announced == ["other"] }
    }
  }

  @Test func `a burst of blocks is looked at in few steps`() async throws {
    try await withLoop { fixture in
      let before = fixture.bucket.listCount
      let paths = try (1...40).map { try fixture.makeBlock($0) }
      try await wait { fixture.served == paths }
      // Not once for each of the files: four in every block.
      #expect(fixture.bucket.listCount - before < 160)
    }
  }

  @Test(arguments: [0, 1, 3])
  func `beyond the limit of watches blocks are noticed all the same`(limit: Int) async throws {
    let watcher = DirectoryWatcher(watchLimit: limit, pollInterval: .milliseconds(100))
    try await withLoop(watcher: watcher) { fixture in
      let paths = try (1...4).map { try fixture.makeBlock($0) }
      try await wait { fixture.served == paths }
      // A block is served first and watched then.
      try await wait { watcher.polledCount == 5 - limit }
      let mark = DeletionMark(id: try blockID(paths[3]), time: 1)
      try writeFile(mark.jsonBytes(), to: paths[3] + "/" + DeletionMark.fileName)
      try await wait { fixture.served == Array(paths[..<3]) }
      for path in paths[1...] { try FileManager.default.removeItem(atPath: path) }
      try await wait { fixture.served == [paths[0]] }
      // The root and the block that is left, which may be any of the four.
      try await wait { watcher.polledCount <= (limit == 0 ? 2 : 1) }
    }
  }

  @Test func `after lost events everything is looked at`() async throws {
    let text = try String(
      contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
    let limit = try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    guard limit <= 100_000 else { return }
    try await withTemporaryDirectory { directory in
      let fixture = try SyncFixture(directory)
      let watch = BlockWatch(
        root: directory, sync: fixture.sync, watcher: DirectoryWatcher(), logger: fixture.logger)
      let loop = BlockSyncLoop(
        sync: fixture.sync, watch: watch, interval: .seconds(3600), logger: fixture.logger)
      // Nobody takes the events yet, so the block's own ones are among those that are lost.
      await watch.begin()
      try await fixture.sync.run()
      for number in 0...limit {
        try FileManager.default.createSymbolicLink(
          atPath: directory + "/\(number)", withDestinationPath: "nowhere")
      }
      let path = try fixture.makeBlock(1)
      await fixture.sync.refresh([])
      #expect(fixture.served == [])
      let run = Task {
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await watch.run() }
          group.addTask { try? await loop.syncOnRequest() }
        }
      }
      try await wait { fixture.served == [path] }
      run.cancel()
      await run.value
    }
  }
}
