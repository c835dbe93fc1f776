import ObjectStore
import TestSupport
import Testing

@testable import S3

@Suite struct RealVersionsTests {
  @Test(arguments: [S3Server.Kind.moto, .seaweedfs])
  func `pages of any size hold every version once, the newest first`(kind: S3Server.Kind)
    async throws
  {
    let server = try await S3Server.shared(kind)
    let name = try await server.newBucket()
    try await server.setVersioning(of: name)
    var configuration = S3Configuration(bucket: name, endpoint: "127.0.0.1:\(server.port)")
    configuration.isInsecure = true
    configuration.accessKey = S3Server.accessKey
    configuration.secretKey = S3Server.secretKey
    let bucket = try S3Bucket(configuration: configuration, environment: { _ in nil })
    let objects = try ["d/a b", "d/e/c", "d/z"].map { (text) throws in try ObjectName(text) }
    for object in objects {
      for byte in 1...3 as ClosedRange<UInt8> {
        try await bucket.write([byte], to: object)
        if byte > 1 { try await bucket.delete(object) }
      }
    }
    var versions = S3Versions(bucket: bucket)
    let directory = try ObjectName("d")
    let whole = try await versions.list(directory, recursive: true)
    #expect(whole.map(\.name) == objects.flatMap { Array(repeating: $0, count: 5) })
    for start in [0, 5, 10] { #expect(whole[start].kind == .marker) }
    versions.pageSize = 2
    let paged = try await versions.list(directory, recursive: true)
    #expect(paged.map(\.name) == whole.map(\.name))
    for start in [0, 5, 10] { #expect(paged[start] == whole[start]) }
    #expect(Set(paged.map(\.version)) == Set(whole.map(\.version)))
    #expect(Set(paged.map(\.version)).count == 15)
    let children = try await versions.list(directory, recursive: false)
    #expect(children.filter { $0.kind == .directory }.map(\.name.text) == ["d/e"])
    #expect(children.count == 11)
  }
}
