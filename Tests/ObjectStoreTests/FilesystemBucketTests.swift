import Foundation
import ObjectStore
import TestSupport
import Testing

@Suite struct FilesystemBucketTests {
  private func write(_ text: String, to path: String) throws {
    let url = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  @Test func `symbolic links out of the bucket are not followed by listings`() async throws {
    try await withTemporaryDirectory { directory in
      try write("secret", to: directory + "/outside/file")
      try write("x", to: directory + "/bucket/own")
      for target in ["outside", "outside/file"] {
        try FileManager.default.createSymbolicLink(
          atPath: directory + "/bucket/to-\(target.count)",
          withDestinationPath: directory + "/" + target)
      }
      let bucket = try FilesystemBucket(directory: directory + "/bucket")
      #expect(try await bucket.list(nil, recursive: true).map(\.name.text) == ["own"])
      #expect(try await bucket.list(nil, recursive: false).map(\.name.text) == ["own"])
    }
  }

  @Test func `symbolic links out of the bucket lead nowhere`() async throws {
    try await withTemporaryDirectory { directory in
      try write("secret", to: directory + "/outside/file")
      try write("x", to: directory + "/bucket/block/own")
      for (link, target) in [("block/file", "outside/file"), ("elsewhere", "outside")] {
        try FileManager.default.createSymbolicLink(
          atPath: directory + "/bucket/" + link, withDestinationPath: directory + "/" + target)
      }
      let bucket = try FilesystemBucket(directory: directory + "/bucket")
      for name in try [ObjectName("block/file"), ObjectName("elsewhere/file")] {
        #expect(try await !bucket.exists(name))
        let read = await #expect(throws: BucketError.self) {
          try await bucket.read(name, range: nil)
        }
        #expect(read?.code == .notFound)
        let attributes = await #expect(throws: BucketError.self) {
          try await bucket.attributes(name)
        }
        #expect(attributes?.code == .notFound)
      }
      let below = try ObjectName("elsewhere/new")
      await #expect(throws: BucketError.self) { try await bucket.write([1], to: below) }
      await #expect(throws: BucketError.self) { try await bucket.create([1], at: below) }
      await #expect(throws: BucketError.self) {
        try await bucket.delete(ObjectName("elsewhere/file"))
      }
      // A link in the place of an object is replaced, and what it led to stays as it was.
      try await bucket.write([1], to: ObjectName("block/file"))
      #expect(try await bucket.read(ObjectName("block/file"), range: nil) == [1])
      let outside = try FileManager.default.contentsOfDirectory(atPath: directory + "/outside")
      #expect(outside == ["file"])
      #expect(
        FileManager.default.contents(atPath: directory + "/outside/file") == Data("secret".utf8))
    }
  }

  @Test func `unfinished writes and empty directories are not listed`() async throws {
    try await withTemporaryDirectory { directory in
      try write("x", to: directory + "/a/.blockhouse-tmp-1")
      try write("x", to: directory + "/.blockhouse-tmp-2")
      try FileManager.default.createDirectory(
        atPath: directory + "/b/c/d", withIntermediateDirectories: true)
      let bucket = try FilesystemBucket(directory: directory)
      #expect(try await bucket.list(nil, recursive: false) == [])
      #expect(try await bucket.list(nil, recursive: true) == [])
    }
  }

  @Test func `writes leave nothing but the object`() async throws {
    try await withTemporaryDirectory { directory in
      try write("abc", to: directory + "/source")
      let bucket = try FilesystemBucket(directory: directory + "/bucket/")
      let name = try ObjectName("block/x")
      try await bucket.write([1], to: name)
      try await bucket.upload(file: directory + "/source", to: name)
      try await bucket.upload(file: directory + "/source", to: name)
      await #expect(throws: BucketError.self) { try await bucket.create([1], at: name) }
      let left = try FileManager.default.contentsOfDirectory(atPath: directory + "/bucket/block")
      #expect(left == ["x"])
      #expect(bucket.localPath(name) == directory + "/bucket/block/x")
      #expect(bucket.name == "fs: \(directory)/bucket")
    }
  }

  @Test func `a symbolic link is uploaded as the file behind it`() async throws {
    try await withTemporaryDirectory { directory in
      try write("abc", to: directory + "/source")
      try FileManager.default.createSymbolicLink(
        atPath: directory + "/link", withDestinationPath: directory + "/source")
      let bucket = try FilesystemBucket(directory: directory + "/bucket")
      try await bucket.upload(file: directory + "/link", to: ObjectName("x"))
      #expect(try await bucket.list(nil, recursive: false).map(\.size) == [3])
    }
  }

  @Test func `an upload from another file system is copied`() async throws {
    try await withTemporaryDirectory { directory in
      let source = "/dev/shm/blockhouse-\(UUID().uuidString)"
      let bytes = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      try Data(bytes).write(to: URL(fileURLWithPath: source))
      defer { try? FileManager.default.removeItem(atPath: source) }
      let bucket = try FilesystemBucket(directory: directory)
      try await bucket.upload(file: source, to: ObjectName("x"))
      #expect(try await bucket.read(ObjectName("x")) == bytes)
    }
  }

  @Test func `an object in the way of a directory is named`() async throws {
    try await withTemporaryDirectory { directory in
      let bucket = try FilesystemBucket(directory: directory)
      try await bucket.write([1], to: ObjectName("a"))
      await #expect(
        throws: BucketError(
          .permanent, .upload, object: directory + "/a/b",
          detail: "an object stands where a directory must")
      ) { try await bucket.write([1], to: ObjectName("a/b")) }
      try await bucket.write([1], to: ObjectName("d/x"))
      await #expect(
        throws: BucketError(
          .permanent, .upload, object: directory + "/d", detail: "it is a directory")
      ) { try await bucket.write([1], to: ObjectName("d")) }
    }
  }

  @Test func `a bucket directory that is a file is an error and not an empty bucket`() async throws
  {
    try await withTemporaryDirectory { directory in
      try write("x", to: directory + "/file")
      let bucket = try FilesystemBucket(directory: directory + "/file")
      let error = await #expect(throws: BucketError.self) {
        _ = try await bucket.list(nil, recursive: false)
      }
      #expect(error?.description.contains("/file: it is not a directory; name") == true)
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `an unreadable directory is denied by name`() async throws {
    try await withTemporaryDirectory { directory in
      try write("x", to: directory + "/locked/file")
      try write("x", to: directory + "/open/file")
      chmod(directory + "/locked", 0)
      defer { chmod(directory + "/locked", 0o700) }
      let bucket = try FilesystemBucket(directory: directory)
      #expect(try await bucket.list(nil, recursive: false).map(\.name.text) == ["locked", "open"])
      let error = await #expect(throws: BucketError.self) {
        _ = try await bucket.list(ObjectName("locked"), recursive: false)
      }
      #expect(error?.code == .denied)
      #expect(error?.description.hasPrefix("cannot list \(directory)/locked: permission") == true)
    }
  }

  @Test func `blocking work leaves the pool and order is kept on one thread`() async {
    let executor = BlockingExecutor(threadLimit: 1)
    let poolThreads = await withTaskGroup(of: pthread_t.self) { group in
      for _ in 0..<4 { group.addTask { pthread_self() } }
      return await group.reduce(into: Set()) { $0.insert($1) }
    }
    var seen: Set<pthread_t> = []
    for _ in 0..<50 { seen.insert(await onBlockingThread(executor: executor) { pthread_self() }) }
    #expect(seen.count == 1)
    #expect(seen.isDisjoint(with: poolThreads))
  }

  @Test func `more waiting work than threads is all done`() async {
    let executor = BlockingExecutor(threadLimit: 3)
    let total = await withTaskGroup(of: Int.self) { group in
      for number in 0..<200 {
        group.addTask {
          await onBlockingThread(executor: executor) {
            usleep(200)
            return number
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(total == 199 * 200 / 2)
  }
}
