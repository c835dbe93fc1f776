import Buckets
import Foundation
import ObjectStore
import S3
import TestSupport
import Testing

/// What only stores far away do.
@Suite struct S3ServerTests {
  private func bucket(_ yaml: String) throws -> any Bucket {
    try BucketConfiguration.parse(yaml: yaml).makeBucket()
  }

  @Test func `wrong credentials are denied, and no error shows them`() async throws {
    let server = try await S3Server.shared(.seaweedfs)
    let bucket = try bucket(await server.configuration(secretKey: "WRONGSECRET"))
    let name = try ObjectName("a")
    for error in [
      await bucketFailure { try await bucket.write([1], to: name) },
      await bucketFailure { _ = try await bucket.read(name) },
      await bucketFailure { _ = try await bucket.list(nil, recursive: true) },
      await bucketFailure { _ = try await bucket.attributes(name) },
    ] {
      #expect(error?.code == .denied)
      #expect(error?.description.contains("WRONGSECRET") == false)
    }
  }

  @Test func `a missing bucket is an error that names it`() async throws {
    let server = try await S3Server.shared(.moto)
    let bucket = try bucket(await server.configuration(bucket: "there-is-none"))
    let error = await bucketFailure { _ = try await bucket.list(nil, recursive: true) }
    #expect(error?.code == .permanent)
    #expect(error?.detail.contains("NoSuchBucket") == true)
  }

  @Test func `a large file is uploaded in parts and in bounded memory`() async throws {
    try await withTemporaryDirectory { directory in
      let server = try await S3Server.shared(.seaweedfs)
      let proxy = try TCPProxy(to: server.port)
      let bucket = try bucket(
        await server.configuration(port: proxy.port, more: ["  part_size: 8388608"]))
      let path = directory + "/large"
      let size = 200 << 20
      let piece = Data((0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) })
      _ = FileManager.default.createFile(atPath: path, contents: nil)
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      for _ in 0..<200 { try file.write(contentsOf: piece) }
      try file.close()
      let name = try ObjectName("block/chunks/000001")
      let before = residentBytes()
      try await bucket.upload(file: path, to: name)
      // Five times what the pieces of four parts under way need.
      #expect(residentBytes() - before < 100 << 20)
      #expect(try await bucket.attributes(name).size == size)
      #expect(proxy.requests.count { $0.contains("partNumber=") } == 25)
      #expect(try await bucket.download(name, to: directory + "/copy") == size)
      let compared = try runProcess("cmp", [path, directory + "/copy"])
      #expect(compared.status == 0)
      try await bucket.delete(name)
    }
  }

  @Test func `an upload that fails leaves no parts behind`() async throws {
    try await withTemporaryDirectory { directory in
      let server = try await S3Server.shared(.moto)
      let proxy = try TCPProxy(to: server.port)
      let name = try await server.newBucket()
      let bucket = try bucket(
        await server.configuration(
          bucket: name, port: proxy.port, more: ["  part_size: 5242880", "  max_retries: 2"]))
      let path = directory + "/file"
      // Sparse, and shorter than it says by the time it is read: the upload cannot succeed.
      _ = try runProcess("truncate", ["--size=20M", path])
      let upload = Task { try await bucket.upload(file: path, to: ObjectName("x")) }
      while !proxy.requests.contains(where: { $0.contains("?uploads") }) {
        try await Task.sleep(for: .milliseconds(1))
      }
      _ = try runProcess("truncate", ["--size=1M", path])
      // Whether it was in time or not, nothing may be left but a complete object.
      _ = try? await upload.value
      let left = try await httpRequest(port: server.port, "/\(name)?uploads").body
      #expect(!left.contains("<UploadId>"))
    }
  }

  @Test func `a directory of a thousand blocks is listed by a page per thousand objects`()
    async throws
  {
    let server = try await S3Server.shared(.moto)
    let proxy = try TCPProxy(to: server.port)
    let name = try await server.newBucket()
    let bucket = try bucket(await server.configuration(bucket: name, port: proxy.port))
    let other = try self.bucket(
      await server.configuration(bucket: name, more: ["  list_objects_version: v1"]))
    await withTaskGroup { group in
      for start in 0..<8 {
        group.addTask {
          for place in stride(from: start, to: 1500, by: 8) {
            try? await bucket.write([1], to: ObjectName("b\(place / 2)/\(place % 2)"))
          }
        }
      }
    }
    proxy.reset()
    let objects = try await bucket.list(nil, recursive: true)
    #expect(objects.count == 1500)
    #expect(proxy.requests.count == 2)
    #expect(try await other.list(nil, recursive: true) == objects)
    proxy.reset()
    #expect(try await bucket.list(nil, recursive: false).count == 750)
    #expect(proxy.requests.count == 1)
  }

  @Test func `reads ask once, whatever their size`() async throws {
    let server = try await S3Server.shared(.moto)
    let proxy = try TCPProxy(to: server.port)
    let bucket = try bucket(await server.configuration(port: proxy.port))
    let name = try ObjectName("x")
    try await bucket.write([UInt8](repeating: 7, count: 3_000_000), to: name)
    proxy.reset()
    _ = try await bucket.read(name)
    _ = try await bucket.read(name, range: 10..<2_000_000)
    _ = try await bucket.read(name, range: 2_999_999..<9_000_000)
    _ = try await bucket.attributes(name)
    _ = try await bucket.exists(name)
    #expect(proxy.requests.count == 5)
  }

  // MARK: TLS

  private func secure(_ server: S3Server, _ lines: [String]) async throws -> any Bucket {
    let yaml = try await server.configuration(port: server.securePort)
      .replacing("  insecure: true\n", with: "")
    return try bucket(
      yaml + (["  max_retries: 3", "  http_config:"] + lines).joined(separator: "\n") + "\n")
  }

  private func ours(_ server: S3Server, _ more: String) -> String {
    let path = server.certificates
    return "    tls_config: {ca_file: \(path)/ca.pem, cert_file: \(path)/client.pem, "
      + "key_file: \(path)/client-key.pem\(more)}"
  }

  @Test func `the store's certificate is checked, and ours is shown`() async throws {
    let server = try await S3Server.shared(.seaweedfs)
    let name = try ObjectName("a/b")
    let bucket = try await secure(server, [ours(server, ", server_name: store.example")])
    try await bucket.write(Array("over TLS".utf8), to: name)
    #expect(try await bucket.read(name) == Array("over TLS".utf8))
    for wrong in ["", ", server_name: other.example"] {
      let bucket = try await secure(server, [ours(server, wrong)])
      let mismatch = await bucketFailure { _ = try await bucket.read(name) }
      #expect(mismatch?.code == .permanent, "\(String(describing: mismatch))")
    }
  }

  @Test func `a store that cannot be trusted is refused at once, unless that is wanted`()
    async throws
  {
    let server = try await S3Server.shared(.seaweedfs)
    let name = try ObjectName("a")
    let unknown = try await secure(server, ["    idle_conn_timeout: 1s"])
    let error = await bucketFailure { try await unknown.write([1], to: name) }
    #expect(error?.code == .permanent)
    #expect(error?.detail.contains("CERTIFICATE_VERIFY_FAILED") == true, "\(error?.detail ?? "")")
    let path = server.certificates
    let trusting = try await secure(
      server,
      [
        "    insecure_skip_verify: true",
        "    tls_config: {cert_file: \(path)/client.pem, key_file: \(path)/client-key.pem}",
      ])
    try await trusting.write([1], to: name)
    let anonymous = try await secure(
      server, ["    tls_config: {ca_file: \(path)/ca.pem, server_name: store.example}"])
    #expect(await bucketFailure { try await anonymous.write([1], to: name) } != nil)
    let missing = await bucketFailure {
      _ = try await secure(server, ["    tls_config: {ca_file: \(path)/none.pem}"])
    }
    #expect(missing?.code == .permanent)
    #expect(missing?.description.contains("none.pem") == true)
  }

  @Test func `objects are encrypted with our key where the configuration says so`() async throws {
    try await withTemporaryDirectory { directory in
      let key = directory + "/key"
      try Data((0..<32).map { UInt8($0) }).write(to: URL(fileURLWithPath: key))
      let server = try await S3Server.shared(.seaweedfs)
      let name = try await server.newBucket()
      let lines = ["  sse_config:", "    type: SSE-C", "    encryption_key: \(key)"]
      let encrypted = try bucket(
        await server.configuration(bucket: name, more: lines + ["  part_size: 5242880"]))
      let plain = try bucket(await server.configuration(bucket: name))
      let object = try ObjectName("a")
      try await encrypted.write(Array("hello".utf8), to: object)
      #expect(try await encrypted.read(object) == Array("hello".utf8))
      #expect(try await encrypted.read(object, range: 1..<3) == Array("el".utf8))
      #expect(await bucketFailure { _ = try await plain.read(object) } != nil)
      #expect(
        await bucketFailure {
          _ = try bucket(
            "type: S3\nconfig: {bucket: b, endpoint: e, sse_config: {type: SSE-C, "
              + "encryption_key: \(directory)/none}}")
        }?.code == .permanent)
    }
  }
}

private func residentBytes() -> Int {
  let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
  return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
}
