import AsyncHTTPClient
import NIOHTTP1
import ObjectStore
import TestSupport
import Testing

@testable import S3

@Suite struct S3VersionsTests {
  private let name: ObjectName

  init() throws { name = try ObjectName("d/x") }

  private static func page(
    _ entries: [(key: String, version: String, isMarker: Bool)], next: String = ""
  ) -> HTTPClientResponse {
    let lines = entries.map { entry in
      let tag = entry.isMarker ? "DeleteMarker" : "Version"
      return "<\(tag)><Key>\(entry.key)</Key><VersionId>\(entry.version)</VersionId></\(tag)>"
    }
    return FakeTransport.response(
      200, "<ListVersionsResult>\(lines.joined())\(next)</ListVersionsResult>")
  }

  @Test func `pages go on behind the version the store names`() async throws {
    let fake = try FakeBucket { _, number in
      number == 0
        ? Self.page(
          [("d/x", "2", true)],
          next: "<IsTruncated>true</IsTruncated><NextKeyMarker>d/x</NextKeyMarker>"
            + "<NextVersionIdMarker>2+</NextVersionIdMarker>")
        : Self.page([("d/x", "1", false), ("d/../y", "1", false), ("other", "1", false)])
    }
    let versions = try #require(fake.bucket.versions)
    let found = try await versions.list(ObjectName("d"), recursive: true)
    // What is no name of ours, or lies elsewhere, is left out.
    #expect(found.map(\.version) == ["2", "1"])
    #expect(found.map(\.kind) == [.marker, .object])
    let urls = fake.sent.map(\.url)
    #expect(urls[0].contains("prefix=d%2F&versions=") && !urls[0].contains("marker"))
    #expect(urls[1].contains("key-marker=d%2Fx") && urls[1].contains("version-id-marker=2%2B"))
  }

  @Test func `pages that lead to themselves end`() async throws {
    let next = "<IsTruncated>true</IsTruncated><NextKeyMarker>d/x</NextKeyMarker>"
    let fake = try FakeBucket { _, _ in Self.page([("d/x", "2", true)], next: next) }
    let error = await bucketFailure {
      _ = try await fake.bucket.versions?.list(nil, recursive: true)
    }
    #expect(error?.code == .permanent)
    #expect(error?.description.contains("do not end") == true)
    #expect(fake.sent.count == 2)
  }

  @Test func `the newest version comes first, whatever order the store has`() async throws {
    func entry(_ tag: String, _ version: String, _ time: String, _ more: String = "") -> String {
      "<\(tag)><Key>d/x</Key><VersionId>\(version)</VersionId>"
        + "<LastModified>2024-01-01T00:00:0\(time)Z</LastModified>\(more)</\(tag)>"
    }
    let text =
      entry("Version", "3", "2") + entry("Version", "1", "1")
      + entry("DeleteMarker", "4", "2", "<IsLatest>true</IsLatest>")
      + entry("DeleteMarker", "2", "1.5")
    let fake = try FakeBucket { _, _ in
      FakeTransport.response(200, "<ListVersionsResult>\(text)</ListVersionsResult>")
    }
    let found = try await fake.bucket.versions?.list(nil, recursive: true)
    #expect(found?.map(\.version) == ["4", "3", "2", "1"])
  }

  @Test func `what is no listing, or not allowed, is an error that says so`() async throws {
    let page = try FakeBucket { _, _ in FakeTransport.response(200, "<html></html>") }
    let first = await bucketFailure {
      _ = try await page.bucket.versions?.list(nil, recursive: false)
    }
    #expect(first?.description.contains("no listing of versions but <html>") == true)
    let denied = try FakeBucket { _, _ in FakeTransport.error(403, "AccessDenied") }
    let second = await bucketFailure {
      _ = try await denied.bucket.versions?.list(nil, recursive: true)
    }
    #expect(second?.code == .denied)
  }

  @Test func `a version that is no marker is never deleted`() async throws {
    let fake = try FakeBucket { request, _ in
      #expect(request.method == .HEAD)
      return FakeTransport.response(200)
    }
    let error = await bucketFailure {
      try await fake.bucket.versions?.removeMarker(of: name, version: "null")
    }
    #expect(error?.code == .permanent)
    #expect(error?.description == "cannot delete d/x: version null is no delete marker")
    #expect(fake.sent.map(\.method) == [.HEAD])
  }

  @Test(arguments: [404, 405])
  func `a marker is removed by its version`(status: Int) async throws {
    let fake = try FakeBucket { request, _ in
      FakeTransport.response(request.method == .HEAD ? status : 204)
    }
    try await fake.bucket.versions?.removeMarker(of: name, version: "a&b")
    #expect(fake.sent.map(\.method) == [.HEAD, .DELETE])
    #expect(fake.sent.allSatisfy { $0.url.hasSuffix("/b/d/x?versionId=a%26b") })
  }
}
