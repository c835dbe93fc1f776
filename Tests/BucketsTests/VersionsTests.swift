import Buckets
import CachingBucket
import Logging
import ObjectStore
import Telemetry
import TestSupport
import Testing

@Suite struct VersionsTests {
  enum Kind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case moto, seaweedfs, prefixed, metered, cached, replaced

    var testDescription: String { rawValue }
    var server: S3Server.Kind { self == .seaweedfs ? .seaweedfs : .moto }

    func wrapped(_ yaml: String) throws -> any Bucket {
      if self == .prefixed {
        return try BucketConfiguration.parse(yaml: yaml + "prefix: some/prefix\n").makeBucket()
      }
      let bucket = try BucketConfiguration.parse(yaml: yaml).makeBucket()
      switch self {
      case .metered: return MeteredBucket(bucket, registry: MetricRegistry())
      case .cached:
        return try CachingBucketConfiguration.parse(yaml: "type: IN-MEMORY").makeBucket(
          over: bucket, registry: MetricRegistry(),
          logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
      case .replaced: return ReplaceableBucket(bucket)
      default: return bucket
      }
    }
  }

  @Test(arguments: Kind.allCases)
  func `an object is back when the markers on it are gone`(kind: Kind) async throws {
    let server = try await S3Server.shared(kind.server)
    let store = try await server.newBucket()
    let bucket = try kind.wrapped(try await server.configuration(bucket: store))
    let name = try ObjectName("block/meta.json")
    try await bucket.write([1], to: name)
    try await server.setVersioning(of: store)
    try await bucket.write([2, 2], to: name)
    try await bucket.delete(name)
    #expect(try await bucket.exists(name) == false)
    let versions = try #require(bucket.versions)
    let directories = try await versions.list(nil, recursive: false)
    #expect(directories.map(\.name.text) == ["block"] && directories[0].kind == .directory)
    let found = try await versions.list(ObjectName("block"), recursive: true)
    #expect(found.map(\.name) == [name, name, name])
    #expect(found.map(\.kind) == [.marker, .object, .object])
    #expect(found.map(\.size) == [0, 2, 1])
    // The first one was written before there were versions.
    #expect(try await versions.read(name, version: found[2].version) == [1])
    await #expect(throws: BucketError.self) {
      try await versions.removeMarker(of: name, version: found[1].version)
    }
    try await versions.removeMarker(of: name, version: found[0].version)
    try await versions.removeMarker(of: name, version: found[0].version)
    #expect(try await bucket.exists(name))
    #expect(try await bucket.read(name) == [2, 2])
    #expect(try await versions.list(nil, recursive: true).count == 2)
  }

  @Test func `stores without versions say so`() async throws {
    #expect(MemoryBucket().versions == nil)
    #expect(PrefixedBucket(MemoryBucket(), prefix: try ObjectName("p")).versions == nil)
    #expect(MeteredBucket(MemoryBucket(), registry: MetricRegistry()).versions == nil)
    let server = try await S3Server.shared(.moto)
    let bucket = try BucketConfiguration.parse(yaml: try await server.configuration()).makeBucket()
    try await bucket.write([1], to: ObjectName("a"))
    try await bucket.delete(ObjectName("a"))
    #expect(try await bucket.versions?.list(nil, recursive: true) == [])
  }
}
