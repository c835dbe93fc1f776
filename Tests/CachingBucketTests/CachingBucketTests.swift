import ObjectStore
import Synchronization
import TestSupport
import Testing

@testable import CachingBucket

@Suite struct CachingBucketTests {
  @Test func `ranges of chunks come from the bucket once, as the reference fetches them`()
    async throws
  {
    let fixture = Fixture()
    let (name, bytes) = try await fixture.put("chunks/000001", byteCount: 1 << 20)
    var fetched = 0.0
    var cached = 0.0
    func read(_ offset: Int, _ count: Int, fetches: Int, finds: Int) async throws {
      let range = offset..<offset + count
      let answer = try await fixture.bucket.read(name, range: range)
      #expect(answer.elementsEqual(bytes[range.clamped(to: 0..<bytes.count)]))
      let bucketBytes =
        fixture.metric("getrange_fetched_bytes", #"config="chunks",origin="bucket""#) ?? 0
      let cacheBytes =
        fixture.metric("getrange_fetched_bytes", #"config="chunks",origin="cache""#) ?? 0
      #expect(Int(bucketBytes - fetched) == fetches)
      #expect(Int(cacheBytes - cached) == finds)
      (fetched, cached) = (bucketBytes, cacheBytes)
    }
    try await read(555_555, 55_555, fetches: 80_000, finds: 0)
    try await read(555_555, 55_555, fetches: 0, finds: 80_000)
    try await read(bytes.count - 10, 3000, fetches: 8576, finds: 0)
    try await read(1_040_100, 16_000, fetches: 0, finds: 8576)
    try await read(0, bytes.count, fetches: 960_000, finds: 88_576)
    try await read(0, bytes.count, fetches: 0, finds: bytes.count)
    fixture.cache.values.withLock { $0 = [:] }
    try await read(0, bytes.count, fetches: bytes.count, finds: 0)
    #expect(fixture.remote.count(.attributes) == 2)
    #expect(fixture.cache["subrange:\(name):1040000:1048576"] != nil)
  }

  @Test func `pieces that are there are fetched again only to save requests`() async throws {
    var rules = CachingRules()
    rules.subrangeSize = 10
    rules.maximumRequests = 1
    let fixture = Fixture(rules: rules)
    let (name, bytes) = try await fixture.put("chunks/000001", byteCount: 100)
    for piece in [3, 5, 7] {
      _ = try await fixture.bucket.read(name, range: piece * 10..<piece * 10 + 1)
    }
    fixture.remote.reset()
    #expect(try await fixture.bucket.read(name, range: 0..<100) == bytes)
    #expect(fixture.remote.reads.map(\.range) == [0..<100])
    #expect(
      fixture.metric("getrange_refetched_bytes", #"config="chunks",origin="cache""#) == 30)
  }

  @Test func `a hundred equal requests make one`() async throws {
    let fixture = Fixture(delay: .milliseconds(50))
    let (name, bytes) = try await fixture.put("chunks/000001", byteCount: 50_000)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<100 {
        group.addTask {
          let answer = try? await fixture.bucket.read(name, range: 100..<40_000)
          #expect(answer?.elementsEqual(bytes[100..<40_000]) == true)
        }
      }
    }
    #expect(fixture.remote.count(.getRange) == 1)
    #expect(fixture.remote.count(.attributes) == 1)
  }

  @Test func `who comes after somebody gave up asks anew`() async throws {
    let fixture = Fixture()
    let (name, bytes) = try await fixture.put("chunks/000001", byteCount: 100)
    var stalls = RemoteBucket.Faults()
    stalls.stall = 1
    fixture.remote.set(stalls)
    let first = Task { try await fixture.bucket.read(name, range: 0..<100) }
    #expect(await eventually { fixture.remote.count(.getRange) == 1 })
    fixture.remote.set(RemoteBucket.Faults())
    first.cancel()
    await #expect(throws: BucketError.self) { try await first.value }
    #expect(try await fixture.bucket.read(name, range: 0..<100) == bytes)
    #expect(fixture.remote.count(.getRange) == 2)
  }

  @Test func `values of another length, or in no form, are asked for again and put right`()
    async throws
  {
    let fixture = Fixture()
    let (name, bytes) = try await fixture.put("chunks/000001", byteCount: 40_000)
    let keys = [
      "attrs:\(name)", "subrange:\(name):0:16000", "subrange:\(name):16000:32000",
      "subrange:\(name):32000:40000",
    ]
    for junk in [[], Array("null".utf8), Array(repeating: 7, count: 15_999)] as [[UInt8]] {
      for key in keys { fixture.cache[key] = junk }
      #expect(try await fixture.bucket.read(name, range: 0..<40_000) == bytes)
      for key in keys.dropFirst() { #expect(fixture.cache[key] != junk) }
    }
    for size in ["-1", "1.5", "99999999999999999999", "\"40000\""] {
      fixture.cache["attrs:\(name)"] = Array(
        #"{"size":\#(size),"last_modified":"2026-01-01T00:00:00Z"}"#.utf8)
      #expect(try await fixture.bucket.read(name, range: 0..<40_000) == bytes)
    }
  }

  @Test func `who distrusts the cache has the bucket's bytes, and so has everybody then`()
    async throws
  {
    let fixture = Fixture()
    let (name, bytes) = try await fixture.put("chunks/000001", byteCount: 20_000)
    let wrong = [UInt8](repeating: 7, count: 16_000)
    fixture.cache["subrange:\(name):0:16000"] = wrong
    #expect(try await fixture.bucket.read(name, range: 0..<16_000) == wrong)
    let fresh = try await FreshReads.run(true) {
      () async throws(BucketError) in try await fixture.bucket.read(name, range: 0..<16_000)
    }
    #expect(fresh.elementsEqual(bytes[0..<16_000]))
    #expect(try await fixture.bucket.read(name, range: 0..<10).elementsEqual(bytes[0..<10]))
  }

  @Test func `an object shorter than the cache says ends where it ends`() async throws {
    let fixture = Fixture()
    let (name, bytes) = try await fixture.put("chunks/000001", byteCount: 20_000)
    fixture.cache["attrs:\(name)"] = Array(
      #"{"size":50000,"last_modified":"2026-01-01T00:00:00Z"}"#.utf8)
    #expect(try await fixture.bucket.read(name, range: 0..<50_000) == bytes)
    #expect(fixture.cache["subrange:\(name):16000:32000"] == nil)
  }

  @Test func `metas and marks are kept with their existence`() async throws {
    let fixture = Fixture()
    let meta = try fixture.name("meta.json")
    let mark = try fixture.name("deletion-mark.json")
    let json = Array(#"{"version":1,"ulid":"\#(Fixture.block)"}"#.utf8)
    try await fixture.base.write(json, to: meta)
    for _ in 0..<3 {
      #expect(try await fixture.bucket.read(meta) == json)
      #expect(try await fixture.bucket.exists(meta))
      #expect(try await !fixture.bucket.exists(mark))
      let error = await #expect(throws: BucketError.self) {
        _ = try await fixture.bucket.read(mark)
      }
      #expect(error?.code == .notFound)
    }
    #expect(fixture.remote.count(.get) == 1)
    #expect(fixture.remote.count(.exists) == 1)
    #expect(fixture.cache["content:\(meta)"] == json)
    #expect(fixture.cache["exists:\(meta)"] == Array("true".utf8))
    #expect(fixture.cache["exists:\(mark)"] == Array("false".utf8))
    #expect(fixture.metric("operation_hits", #"config="meta.jsons",operation="get""#) == 5)
  }

  @Test(arguments: [
    "", "{", "[]", "true", #"{"version":1,"ulid":"01ARZ3NDEKTSV4RRFFQ69G5FAX"}"#,
    #"{"version":1,"ulid":"01ARZ3NDEK"#,
  ])
  func `a meta that cannot be the block's is not believed`(text: String) async throws {
    let fixture = Fixture()
    let meta = try fixture.name("meta.json")
    let json = Array(#"{"version":1,"ulid":"\#(Fixture.block)"}"#.utf8)
    try await fixture.base.write(json, to: meta)
    fixture.cache["content:\(meta)"] = Array(text.utf8)
    fixture.cache["exists:\(meta)"] = Array("maybe".utf8)
    #expect(try await fixture.bucket.read(meta) == json)
    #expect(fixture.cache["content:\(meta)"] == json)
    #expect(fixture.cache["exists:\(meta)"] == Array("true".utf8))
  }

  @Test func `what is written through is known`() async throws {
    let fixture = Fixture()
    let mark = try fixture.name("deletion-mark.json")
    #expect(try await !fixture.bucket.exists(mark))
    try await fixture.bucket.write(Array("{}".utf8), to: mark)
    #expect(try await fixture.bucket.exists(mark))
    #expect(try await fixture.bucket.read(mark) == Array("{}".utf8))
    try await fixture.bucket.delete(mark)
    #expect(try await !fixture.bucket.exists(mark))
    await #expect(throws: BucketError.self) { _ = try await fixture.bucket.read(mark) }
  }

  @Test func `the root is listed once, and other directories each time`() async throws {
    let fixture = Fixture()
    _ = try await fixture.put("chunks/000001", byteCount: 1)
    try await fixture.base.write([1], to: ObjectName("file"))
    let plain = try await fixture.remote.list(nil, recursive: false)
    fixture.remote.reset()
    for _ in 0..<3 {
      let listed = try await fixture.bucket.list(nil, recursive: false)
      #expect(listed.map(\.name) == plain.map(\.name))
      #expect(listed.map(\.isDirectory) == plain.map(\.isDirectory))
    }
    #expect(fixture.remote.count(.iter) == 1)
    #expect(fixture.cache["iter::17"] == Array(#"["\#(Fixture.block)/","file"]"#.utf8))
    for wrong in ["[1]", #"["a/b/"]"#, #"["../"]"#, "{}", #"["x""#] {
      fixture.cache["iter::17"] = Array(wrong.utf8)
      #expect(try await fixture.bucket.list(nil, recursive: false) == plain)
    }
    fixture.remote.reset()
    for _ in 0..<2 {
      _ = try await fixture.bucket.list(fixture.name("chunks"), recursive: false)
      _ = try await fixture.bucket.list(nil, recursive: true)
    }
    #expect(fixture.remote.count(.iter) == 4)
  }

  @Test func `other objects are not kept`() async throws {
    let fixture = Fixture()
    for path in ["index", "chunks/x", "chunks/000001/x", "tombstones", "meta.json.bak"] {
      let (name, bytes) = try await fixture.put(path, byteCount: 100)
      #expect(try await fixture.bucket.read(name) == bytes)
      #expect(try await fixture.bucket.read(name, range: 5..<10).elementsEqual(bytes[5..<10]))
      _ = try await fixture.bucket.attributes(name)
      _ = try await fixture.bucket.exists(name)
      try await fixture.base.delete(name)
    }
    #expect(fixture.cache.keys.isEmpty)
  }

  @Test func `a missing chunk file is an error each time`() async throws {
    let fixture = Fixture()
    let name = try fixture.name("chunks/000001")
    for _ in 0..<2 {
      let error = await #expect(throws: BucketError.self) {
        _ = try await fixture.bucket.read(name, range: 0..<10)
      }
      #expect(error?.code == .notFound)
    }
    #expect(fixture.cache.keys.isEmpty)
  }
}
