import Foundation
import ObjectStore
import RemoteCache
import Telemetry
import TestSupport
import Testing

@testable import CachingBucket

@Suite struct DiskCacheTests {
  private func open(
    _ directory: String, size: Int = 8 << 20, items: Int = 100_000
  ) async -> DiskCache {
    var configuration = DiskCacheConfiguration(directory: directory)
    configuration.maximumSize = ByteSize(byteCount: size)
    configuration.maximumItems = items
    let cache = DiskCache(configuration, name: "c", registry: MetricRegistry(), logger: quiet)
    await cache.waitUntilOpen()
    return cache
  }

  private func entries(_ range: Range<Int>, byteCount: Int = 1000) -> [(
    key: String, value: [UInt8]
  )] {
    range.map { number in
      let words = Array("\(number) ".utf8)
      return (
        "key-\(number)",
        Array(repeatElement(words, count: byteCount / words.count + 1).joined().prefix(byteCount))
      )
    }
  }

  private func files(_ directory: String, _ ending: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(ending) }
      .sorted().map { directory + "/" + $0 }
  }

  @Test func `values are there again after a restart`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/a/b"
      let entries = entries(0..<1000)
      do {
        let cache = await open(path)
        cache.store(entries, lifetime: .seconds(600))
        await cache.flush()
        #expect(await cache.fetch(entries.map(\.key)) == entries.map(\.value))
      }
      for _ in 0..<2 {
        let again = await open(path)
        #expect(await again.fetch(entries.map(\.key) + ["none"]) == entries.map(\.value) + [nil])
      }
      // Without indexes too.
      for file in try files(path, ".index") { try FileManager.default.removeItem(atPath: file) }
      let again = await open(path)
      #expect(await again.fetch(entries.map(\.key)) == entries.map(\.value))
    }
  }

  @Test func `values of every run are there again after many restarts`() async throws {
    try await withTemporaryDirectory { directory in
      for run in 0..<4 {
        let cache = await open(directory)
        let old = entries(0..<run * 10)
        #expect(await cache.fetch(old.map(\.key)) == old.map(\.value), "run \(run)")
        cache.store(entries(run * 10..<run * 10 + 10), lifetime: .seconds(600))
        await cache.flush()
      }
    }
  }

  @Test func `a file with the largest number leaves numbers for others`() async throws {
    try await withTemporaryDirectory { directory in
      let record = DiskRecord(key: [0x61], value: [1], end: .max)
      for name in ["fffffffffffffffe", "ffffffffffffffff", "7fffffffffffffff"] {
        try Data(record.bytes).write(to: URL(fileURLWithPath: "\(directory)/\(name).cache"))
      }
      let cache = await open(directory)
      for start in 0..<10 {
        cache.store(entries(start..<start + 1, byteCount: 600_000), lifetime: .seconds(600))
        await cache.flush()
      }
      #expect(await cache.fetch(["key-9"]) != [nil])
    }
  }

  @Test func `files stay within their size, and what is used stays`() async throws {
    try await withTemporaryDirectory { directory in
      let cache = await open(directory)
      let used = entries(0..<10)
      cache.store(used, lifetime: .seconds(600))
      for start in stride(from: 1000, to: 4000, by: 100) {
        cache.store(entries(start..<start + 100, byteCount: 10_000), lifetime: .seconds(600))
        await cache.flush()
        #expect(await cache.fetch(used.map(\.key)) == used.map(\.value))
        await cache.flush()
        var size = 0
        for file in try files(directory, ".cache") {
          size += try #require(FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
        }
        #expect(size <= 8 << 20)
      }
      #expect(await cache.fetch(["key-1000"]) == [nil])
      #expect(await cache.fetch(["key-3999"]) != [nil])
    }
  }

  @Test func `so many items are known of at most`() async throws {
    try await withTemporaryDirectory { directory in
      let cache = await open(directory, items: 300)
      for start in stride(from: 0, to: 4000, by: 200) {
        cache.store(entries(start..<start + 200, byteCount: 3000), lifetime: .seconds(600))
        await cache.flush()
      }
      let found = await cache.fetch(entries(0..<4000, byteCount: 0).map(\.key))
      #expect(found.count { $0 != nil } <= 600)
      #expect(found.last != .some(nil))
    }
  }

  @Test func `damaged and cut files lose what is damaged, and never give wrong values`()
    async throws
  {
    try await withTemporaryDirectory { directory in
      let entries = entries(0..<500)
      do {
        let cache = await open(directory)
        cache.store(entries, lifetime: .seconds(600))
        await cache.flush()
      }
      var random = SeededRandom(seed: 4)
      for round in 0..<12 {
        for file in try files(directory, round.isMultiple(of: 2) ? ".cache" : ".index") {
          var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
          guard !bytes.isEmpty else { continue }
          if round % 3 == 0 {
            bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))
          }
          for _ in 0..<3 where !bytes.isEmpty {
            bytes[bytes.startIndex + Int.random(in: 0..<bytes.count, using: &random)] ^= 0x10
          }
          try bytes.write(to: URL(fileURLWithPath: file))
        }
        let cache = await open(directory)
        let found = await cache.fetch(entries.map(\.key))
        for (value, entry) in zip(found, entries) where value != nil {
          #expect(value == entry.value)
        }
        cache.store(entries, lifetime: .seconds(600))
        await cache.flush()
        #expect(await cache.fetch(entries.map(\.key)) == entries.map(\.value))
      }
    }
  }

  @Test func `a value whose time is over is none`() async throws {
    try await withTemporaryDirectory { directory in
      let cache = await open(directory)
      cache.store([("a", [1])], lifetime: .seconds(1))
      await cache.flush()
      #expect(await eventually { await cache.fetch(["a"]) == [nil] })
    }
  }

  @Test func `a directory that cannot be used, or is used, is done without`() async throws {
    try await withTemporaryDirectory { directory in
      let first = await open(directory)
      let second = await open(directory)
      second.store([("a", [1])], lifetime: .seconds(60))
      #expect(await second.fetch(["a"]) == [nil])
      first.store([("a", [2])], lifetime: .seconds(60))
      await first.flush()
      #expect(await first.fetch(["a"]) == [[2]])
      let nowhere = await open("/dev/null/x")
      nowhere.store([("a", [1])], lifetime: .seconds(60))
      #expect(await nowhere.fetch(["a"]) == [nil])
    }
  }

  @Test func `every cut and every flipped bit of a record is noticed`() {
    let record = DiskRecord(key: Array("key".utf8), value: [1, 2, 3], end: 77)
    let bytes = record.bytes
    #expect(DiskRecord(bytes[...]) == record)
    for count in 0..<bytes.count { #expect(DiskRecord(bytes[..<count]) == nil) }
    for place in 0..<bytes.count * 8 {
      var damaged = bytes
      damaged[place / 8] ^= 1 << (place % 8)
      #expect(DiskRecord(damaged[...]) == nil)
    }
  }
}
