import Buckets
import CachingBucket
import Foundation
import Logging
import ObjectStore
import Telemetry
import TestSupport
import Testing

/// What every bucket must do.
@Suite struct BucketAcceptanceTests {
  enum Kind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case filesystem, memory, prefixedFilesystem, prefixedMemory, replaced
    case cachedInMemory, cachedOnDisk, cachedMoto
    case seaweedfs, moto, prefixedMoto, listedAsBefore, cutMoto, cutSeaweedfs

    var testDescription: String { rawValue }

    /// Whether requests cross a network, which makes them slow.
    var isRemote: Bool {
      switch self {
      case .filesystem, .memory, .prefixedFilesystem, .prefixedMemory, .replaced, .cachedInMemory,
        .cachedOnDisk:
        false
      case .cachedMoto, .seaweedfs, .moto, .prefixedMoto, .listedAsBefore, .cutMoto, .cutSeaweedfs:
        true
      }
    }

    /// SeaweedFS takes them away, but only later.
    var keepsEmptyDirectories: Bool { self == .seaweedfs || self == .cutSeaweedfs }

    func bucket(in directory: String) async throws -> any Bucket {
      switch self {
      case .seaweedfs: try await s3(.seaweedfs)
      case .moto: try await s3(.moto)
      case .prefixedMoto:
        try BucketConfiguration.parse(
          yaml: try await S3Server.shared(.moto).configuration() + "prefix: some/prefix\n"
        ).makeBucket()
      case .listedAsBefore: try await s3(.moto, more: ["  list_objects_version: v1"])
      case .cutMoto: try await cut(.moto)
      case .cutSeaweedfs: try await cut(.seaweedfs)
      case .filesystem: try FilesystemBucket(directory: directory + "/bucket")
      case .memory: MemoryBucket()
      case .prefixedFilesystem:
        PrefixedBucket(
          try FilesystemBucket(directory: directory), prefix: try ObjectName("some/prefix"))
      case .prefixedMemory: PrefixedBucket(MemoryBucket(), prefix: try ObjectName("p"))
      case .replaced: try replacedBucket(in: directory)
      case .cachedInMemory: try cached(MemoryBucket(), "type: IN-MEMORY")
      case .cachedOnDisk:
        try cached(
          MemoryBucket(), "{type: DISK, config: {directory: \(directory)/cache, max_size: 100MB}}")
      case .cachedMoto: try cached(try await s3(.moto), "type: IN-MEMORY")
      }
    }

    private func cached(_ bucket: any Bucket, _ yaml: String) throws -> any Bucket {
      try CachingBucketConfiguration.parse(yaml: yaml).makeBucket(
        over: bucket, registry: MetricRegistry(),
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func s3(
      _ server: S3Server.Kind, port: Int? = nil, more: [String] = []
    ) async throws -> any Bucket {
      let yaml = try await S3Server.shared(server).configuration(
        port: port, more: more + ["  part_size: 5242880"])
      return try BucketConfiguration.parse(yaml: yaml).makeBucket()
    }

    /// A third of all connections is cut after some bytes.
    private func cut(_ server: S3Server.Kind) async throws -> any Bucket {
      let proxy = try await TCPProxy(
        to: S3Server.shared(server).port, cutting: 0.3, seed: UInt64(rawValue.utf8.count))
      return try await s3(server, port: proxy.port)
    }

    private func replacedBucket(in directory: String) throws -> ReplaceableBucket {
      let bucket = ReplaceableBucket(MemoryBucket())
      bucket.replace(by: try FilesystemBucket(directory: directory + "/bucket"))
      return bucket
    }
  }

  private func withBucket(
    _ kind: Kind, _ body: (any Bucket, String) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      try await body(try await kind.bucket(in: directory), directory)
    }
  }

  private func code(_ work: () async throws -> Void) async -> BucketError.Code? {
    do {
      try await work()
      return nil
    } catch {
      return (error as? BucketError)?.code
    }
  }

  @Test(arguments: Kind.allCases)
  func `a missing object is not found`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, _ in
      let name = try ObjectName("a/b/meta.json")
      #expect(try await bucket.exists(name) == false)
      #expect(await code { _ = try await bucket.read(name) } == .notFound)
      #expect(await code { _ = try await bucket.read(name, range: 0..<1) } == .notFound)
      #expect(await code { _ = try await bucket.attributes(name) } == .notFound)
      #expect(await code { try await bucket.delete(name) } == .notFound)
    }
  }

  @Test(arguments: Kind.allCases)
  func `a directory is no object`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, _ in
      try await bucket.write([1], to: ObjectName("a/b/c"))
      let name = try ObjectName("a/b")
      #expect(try await bucket.exists(name) == false)
      #expect(await code { _ = try await bucket.read(name) } == .notFound)
      #expect(await code { _ = try await bucket.attributes(name) } == .notFound)
      #expect(await code { try await bucket.delete(name) } == .notFound)
      #expect(try await bucket.read(ObjectName("a/b/c")) == [1])
    }
  }

  @Test(arguments: Kind.allCases)
  func `ranges yield what exists`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, _ in
      let name = try ObjectName("a/digits")
      try await bucket.write(Array("0123456789".utf8), to: name)
      func text(_ range: Range<Int>?) async throws -> String {
        String(decoding: try await bucket.read(name, range: range), as: UTF8.self)
      }
      #expect(try await text(nil) == "0123456789")
      #expect(try await text(0..<3) == "012")
      #expect(try await text(8..<9) == "8")
      #expect(try await text(8..<100) == "89")
      #expect(try await text(10..<20) == "")
      #expect(try await text(50..<60) == "")
      #expect(try await text(4..<4) == "")
      #expect(try await text(9..<Int.max) == "9")
      #expect(try await text(-5..<2) == "01")
    }
  }

  @Test(arguments: Kind.allCases)
  func `a write replaces the object and its attributes`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, _ in
      let name = try ObjectName("x")
      try await bucket.write([], to: name)
      #expect(try await bucket.attributes(name).size == 0)
      try await bucket.write([1, 2, 3], to: name)
      #expect(try await bucket.read(name) == [1, 2, 3])
      let attributes = try await bucket.attributes(name)
      #expect(attributes.size == 3)
      let now = Int64(Date().timeIntervalSince1970 * 1000)
      #expect(abs(attributes.modifiedMilliseconds - now) < 60_000)
      try await bucket.write([9], to: name)
      #expect(try await bucket.read(name) == [9])
    }
  }

  @Test(arguments: Kind.allCases)
  func `create refuses what exists`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, _ in
      let name = try ObjectName("lease/one")
      try await bucket.create([1], at: name)
      #expect(await code { try await bucket.create([2], at: name) } == .preconditionFailed)
      #expect(try await bucket.read(name) == [1])
      #expect(try await bucket.list(nil, recursive: true).map(\.name.text) == ["lease/one"])
    }
  }

  @Test(arguments: Kind.allCases)
  func `of many creators one wins`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, _ in
      let name = try ObjectName("lease/one")
      let winners = await withTaskGroup(of: UInt8?.self) { group in
        for number in 0..<20 {
          group.addTask {
            do {
              try await bucket.create([UInt8(number)], at: name)
              return UInt8(number)
            } catch {
              return nil
            }
          }
        }
        var winners: [UInt8] = []
        for await winner in group { if let winner { winners.append(winner) } }
        return winners
      }
      #expect(winners.count == 1)
      #expect(try await bucket.read(name) == winners)
    }
  }

  @Test(arguments: Kind.allCases)
  func `listings are in byte order, with full names`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, _ in
      for name in ["b/2", "b/1/x", "a", "b-c", "ä", "B", "b/1/w"] {
        try await bucket.write(Array(name.utf8), to: ObjectName(name))
      }
      let root = try await bucket.list(nil, recursive: false)
      #expect(root.map(\.name.text) == ["B", "a", "b", "b-c", "ä"])
      #expect(root.map(\.isDirectory) == [false, false, true, false, false])
      #expect(root.map(\.size) == [1, 1, 0, 3, 2])
      let below = try await bucket.list(ObjectName("b"), recursive: false)
      #expect(below.map(\.name.text) == ["b/1", "b/2"])
      let all = try await bucket.list(nil, recursive: true)
      #expect(all.map(\.name.text) == ["B", "a", "b-c", "b/1/w", "b/1/x", "b/2", "ä"])
      #expect(all.allSatisfy { !$0.isDirectory && $0.size == $0.name.text.utf8.count })
      let deep = try await bucket.list(ObjectName("b"), recursive: true)
      #expect(deep.map(\.name.text) == ["b/1/w", "b/1/x", "b/2"])
    }
  }

  @Test(arguments: Kind.allCases)
  func `a missing directory is empty`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, _ in
      #expect(try await bucket.list(nil, recursive: false) == [])
      #expect(try await bucket.list(ObjectName("no/where"), recursive: true) == [])
      try await bucket.write([1], to: ObjectName("file"))
      #expect(try await bucket.list(ObjectName("file"), recursive: false) == [])
    }
  }

  @Test(arguments: Kind.allCases)
  func `deleting takes empty directories away`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, _ in
      try await bucket.write([1], to: ObjectName("a/b/c/one"))
      try await bucket.write([1], to: ObjectName("a/two"))
      try await bucket.delete(ObjectName("a/b/c/one"))
      #expect(try await bucket.list(nil, recursive: true).map(\.name.text) == ["a/two"])
      if !kind.keepsEmptyDirectories {
        #expect(
          try await bucket.list(ObjectName("a"), recursive: false).map(\.name.text) == ["a/two"])
      }
      try await bucket.delete(ObjectName("a/two"))
      #expect(try await bucket.list(nil, recursive: kind.keepsEmptyDirectories) == [])
      try await bucket.write([2], to: ObjectName("a/two"))
      #expect(try await bucket.read(ObjectName("a/two")) == [2])
    }
  }

  @Test(arguments: Kind.allCases)
  func `a local file is uploaded`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, directory in
      let source = directory + "/source"
      // More than a part of an upload, and no multiple of one.
      let bytes = (0..<13_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 11) }
      try Data(bytes).write(to: URL(fileURLWithPath: source))
      let name = try ObjectName("block/chunks/000001")
      try await bucket.upload(file: source, to: name)
      try await bucket.upload(file: source, to: name)
      #expect(try await bucket.read(name) == bytes)
      #expect(
        try await bucket.read(name, range: 5_000_000..<5_600_000)
          == Array(bytes[5_000_000..<5_600_000]))
      let copy = directory + "/copy"
      #expect(try await bucket.download(name, to: copy) == bytes.count)
      #expect(FileManager.default.contents(atPath: copy) == Data(bytes))
      #expect(
        await code { _ = try await bucket.download(ObjectName("none"), to: copy) } == .notFound)
      #expect(
        try await bucket.list(nil, recursive: true).map(\.name.text) == ["block/chunks/000001"])
      #expect(await code { try await bucket.upload(file: source + "x", to: name) } == .permanent)
    }
  }

  @Test(arguments: Kind.allCases)
  func `writers and deleters of one directory do not disturb each other`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, _ in
      try await withThrowingTaskGroup { group in
        for number in 0..<8 {
          group.addTask {
            for _ in 0..<(kind.isRemote ? 4 : 20) {
              let name = try ObjectName("shared/dir/\(number)")
              try await bucket.write([UInt8(number)], to: name)
              try await bucket.delete(name)
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await bucket.list(nil, recursive: true) == [])
    }
  }

  @Test(arguments: [Kind.filesystem, .memory, .seaweedfs, .moto])
  func `a listing has more objects than a page`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, _ in
      // Two pages and a half.
      let names = (0..<2500).map { "dir-\($0 % 7)/\($0)" }
      await withTaskGroup { group in
        for start in 0..<16 {
          group.addTask {
            for place in stride(from: start, to: names.count, by: 16) {
              try? await bucket.write([1], to: ObjectName(names[place]))
            }
          }
        }
      }
      let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      #expect(try await bucket.list(nil, recursive: true).map(\.name.text) == sorted)
      let root = try await bucket.list(nil, recursive: false)
      #expect(root.map(\.name.text) == (0..<7).map { "dir-\($0)" })
      #expect(try await bucket.list(ObjectName("dir-3"), recursive: false).count == 357)
    }
  }

  @Test(arguments: Kind.allCases)
  func `names with all kinds of characters are kept`(kind: Kind) async throws {
    try await withBucket(kind) { bucket, _ in
      for text in ["a b", "a+b", "a%20b", "ä/ö ü", "a&b=c?d#e", "quo\"te'", "x;y,z@!$()*~"] {
        let name = try ObjectName(text)
        try await bucket.write(Array(text.utf8), to: name)
        #expect(try await bucket.read(name) == Array(text.utf8))
        #expect(try await bucket.list(nil, recursive: true).map(\.name) == [name])
        try await bucket.delete(name)
      }
    }
  }
}
