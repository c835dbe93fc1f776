import Foundation
import ObjectStore
import TestSupport
import Testing

@Suite struct DirectoryWatcherTests {
  private static let window = Duration.milliseconds(30)

  private static func write(_ path: String, _ text: String = "x") throws {
    // In place, as Thanos writes to a directory: no temporary file, no rename.
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  private static func makeDirectory(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  /// Collects until `isDone`, since a burst may come in two parts.
  private static func changes(
    of watcher: DirectoryWatcher, until isDone: (DirectoryChanges) -> Bool
  ) async -> DirectoryChanges {
    var all = DirectoryChanges()
    while !isDone(all), !Task.isCancelled {
      let some = await watcher.changes(within: window)
      all.names.merge(some.names) { $0.union($1) }
      all.directories.formUnion(some.directories)
      all.isIncomplete = all.isIncomplete || some.isIncomplete
    }
    return all
  }

  @Test("new, rewritten, linked, renamed and removed entries are told by name")
  func entries() async throws {
    try await withTemporaryDirectory { directory in
      try Self.write(directory + "/old")
      try Self.write(directory + "/moved")
      try Self.makeDirectory(directory + "/below")
      let watcher = DirectoryWatcher()
      watcher.watch(directory)
      #expect(watcher.polledCount == 0)
      try Self.write(directory + "/new")
      try Self.write(directory + "/old", "other")
      try FileManager.default.linkItem(atPath: directory + "/old", toPath: directory + "/linked")
      try FileManager.default.moveItem(atPath: directory + "/moved", toPath: directory + "/target")
      try Self.makeDirectory(directory + "/made")
      try Self.write(directory + "/below/unseen")
      try FileManager.default.removeItem(atPath: directory + "/new")
      let expected: Set = ["new", "old", "linked", "moved", "target", "made"]
      let changes = await Self.changes(of: watcher) { $0.names[directory]?.count == 6 }
      #expect(changes.names == [directory: expected])
      #expect(changes.directories.isEmpty && !changes.isIncomplete)
    }
  }

  @Test("a burst of changes is told at once")
  func burst() async throws {
    try await withTemporaryDirectory { directory in
      let watcher = DirectoryWatcher()
      watcher.watch(directory)
      for number in 0..<500 { try Self.write(directory + "/\(number)") }
      let changes = await watcher.changes(within: Self.window)
      #expect(changes.names[directory]?.count == 500)
    }
  }

  @Test("nothing is told of a directory that is watched no more")
  func unwatched() async throws {
    try await withTemporaryDirectory { directory in
      try Self.makeDirectory(directory + "/a")
      try Self.makeDirectory(directory + "/b")
      let watcher = DirectoryWatcher()
      watcher.watch(directory + "/a")
      watcher.watch(directory + "/b")
      watcher.unwatch(directory + "/a")
      try Self.write(directory + "/a/x")
      try Self.write(directory + "/b/x")
      let changes = await watcher.changes(within: Self.window)
      #expect(changes.names == [directory + "/b": ["x"]])
    }
  }

  @Test("a directory that is removed, made again and watched again goes on")
  func comesBack() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/a"
      try Self.makeDirectory(path)
      let watcher = DirectoryWatcher()
      watcher.watch(path)
      try FileManager.default.removeItem(atPath: path)
      try Self.makeDirectory(path)
      watcher.watch(path)
      let first = await watcher.changes(within: Self.window)
      #expect(first.directories == [path])
      try Self.write(path + "/x")
      let second = await watcher.changes(within: Self.window)
      #expect(second.names == [path: ["x"]])
    }
  }

  @Test("a directory that does not exist yet is waited for", .timeLimit(.minutes(1)))
  func appears() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/later"
      let watcher = DirectoryWatcher(pollInterval: .milliseconds(10))
      watcher.watch(path)
      #expect(watcher.polledCount == 1)
      try Self.makeDirectory(path)
      let changes = await watcher.changes(within: Self.window)
      #expect(changes.directories == [path])
    }
  }

  @Test("directories beyond the limit are polled", .timeLimit(.minutes(1)), arguments: [0, 1])
  func limit(watchLimit: Int) async throws {
    try await withTemporaryDirectory { directory in
      let paths = ["a", "b", "c"].map { "\(directory)/\($0)" }
      for path in paths { try Self.makeDirectory(path) }
      let watcher = DirectoryWatcher(watchLimit: watchLimit, pollInterval: .milliseconds(10))
      for path in paths { watcher.watch(path) }
      #expect(watcher.polledCount == 3 - watchLimit)
      for name in ["first", "second"] {
        for path in paths { try Self.write("\(path)/\(name)") }
        let changes = await Self.changes(of: watcher) { changes in
          paths.allSatisfy { changes.names[$0] != nil || changes.directories.contains($0) }
        }
        #expect(changes.names.count == watchLimit)
      }
      try FileManager.default.removeItem(atPath: paths[2])
      let later = await Self.changes(of: watcher) { $0.directories.contains(paths[2]) }
      #expect(!later.isIncomplete)
    }
  }

  @Test("events that the kernel dropped make the changes incomplete")
  func overflow() async throws {
    let text = try String(
      contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
    let limit = try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    // A system that keeps very many events would make this a long test.
    guard limit <= 100_000 else { return }
    try await withTemporaryDirectory { directory in
      let watcher = DirectoryWatcher()
      watcher.watch(directory)
      for number in 0...limit {
        try FileManager.default.createSymbolicLink(
          atPath: directory + "/\(number)", withDestinationPath: "nowhere")
      }
      let changes = await watcher.changes(within: Self.window)
      #expect(changes.isIncomplete)
    }
  }

  @Test("a wait ends when its task is cancelled", .timeLimit(.minutes(1)), arguments: [0, 10])
  func cancellation(watchLimit: Int) async throws {
    try await withTemporaryDirectory { directory in
      let watcher = DirectoryWatcher(watchLimit: watchLimit, pollInterval: .seconds(3600))
      watcher.watch(directory)
      let task = Task { await watcher.changes(within: .seconds(3600)) }
      task.cancel()
      #expect(await task.value.isEmpty)
    }
  }
}
