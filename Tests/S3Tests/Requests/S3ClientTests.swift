import AsyncHTTPClient
import NIOHTTP1
import ObjectStore
import TestSupport
import Testing

@testable import S3

@Suite struct S3ClientTests {
  private let name: ObjectName

  init() throws { name = try ObjectName("a/b") }

  // MARK: Retries

  @Test func `what may pass is tried again`() async throws {
    let fake = try FakeBucket { _, number in
      switch number {
      case 0: FakeTransport.error(503, "SlowDown")
      case 1: throw FakeTransport.Cut()
      case 2: FakeTransport.error(500, "InternalError")
      default: FakeTransport.response(200, "hello")
      }
    }
    #expect(try await fake.bucket.read(name) == Array("hello".utf8))
    #expect(fake.sent.count == 4)
    // An overloaded store gets four times the pause.
    #expect(try #require(fake.pauses.withLock { $0.first }) >= .milliseconds(200))
  }

  @Test func `tries and time are bounded`() async throws {
    let fake = try FakeBucket(.fake { $0.attempts = 3 }) { _, _ in
      FakeTransport.error(500, "InternalError")
    }
    let error = await bucketFailure { _ = try await fake.bucket.read(name) }
    #expect(error?.code == .transient)
    #expect(error?.description == "cannot read a/b: InternalError (status 500)")
    #expect(fake.sent.count == 3)
  }

  @Test func `the store's wish to wait is obeyed, or the request given up`() async throws {
    let patient = try FakeBucket { _, number in
      number == 0
        ? FakeTransport.response(503, headers: [("retry-after", "7")])
        : FakeTransport.response(200, "x")
    }
    _ = try await patient.bucket.read(name)
    #expect(patient.pauses.withLock { $0 } == [.seconds(7)])
    let long = try FakeBucket { _, _ in
      FakeTransport.response(503, headers: [("retry-after", "3600")])
    }
    #expect(await bucketFailure { _ = try await long.bucket.read(name) }?.code == .transient)
    #expect(long.sent.count == 1)
    let date = try FakeBucket { _, number in
      // Eight seconds after the test's clock.
      number == 0
        ? FakeTransport.response(
          429, headers: [("retry-after", "Tue, 14 Nov 2023 22:13:28 GMT")])
        : FakeTransport.response(200, "x")
    }
    _ = try await date.bucket.read(name)
    #expect(date.pauses.withLock { $0 } == [.seconds(8)])
  }

  // MARK: Errors

  @Test func `errors have the code of what happened`() async throws {
    let cases: [(Int, String, BucketError.Code)] = [
      (404, "NoSuchKey", .notFound), (404, "", .notFound), (404, "NoSuchBucket", .permanent),
      (403, "AccessDenied", .denied), (403, "", .denied), (403, "InvalidAccessKeyId", .denied),
      (403, "SignatureDoesNotMatch", .denied), (412, "PreconditionFailed", .transient),
      (400, "InvalidRequest", .permanent), (501, "NotImplemented", .permanent),
    ]
    for (status, code, expected) in cases {
      let fake = try FakeBucket { _, _ in
        code.isEmpty ? FakeTransport.response(status) : FakeTransport.error(status, code)
      }
      #expect(await bucketFailure { _ = try await fake.bucket.read(name) }?.code == expected)
      #expect(fake.sent.count == 1)
    }
  }

  @Test func `secrets are in no error and no request but as a signature`() async throws {
    let fake = try FakeBucket { _, _ in FakeTransport.error(403, "SignatureDoesNotMatch") }
    let error = await bucketFailure { try await fake.bucket.write([1], to: name) }
    #expect(error?.description.contains("SK-secret") == false)
    #expect(fake.sent.allSatisfy { !"\($0.headers)\($0.url)".contains("SK-secret") })
    #expect(!"\(fake.bucket.client.configuration)".contains("SK"))
  }

  @Test func `a redirect is not followed but told`() async throws {
    let fake = try FakeBucket { _, _ in
      FakeTransport.response(
        307, "<Error><Code>TemporaryRedirect</Code><Endpoint>evil.example</Endpoint></Error>",
        headers: [("location", "http://evil.example/b/a/b")])
    }
    let error = await bucketFailure { _ = try await fake.bucket.read(name) }
    #expect(error?.code == .permanent)
    #expect(error?.detail.contains("evil.example; write that as endpoint and region") == true)
    #expect(fake.sent.allSatisfy { $0.url.hasPrefix("https://store.example:9000/") })
  }

  // MARK: Corrections

  @Test func `a region that the store names is taken over once`() async throws {
    let fake = try FakeBucket { request, _ in
      request.headers.first(name: "authorization")?.contains("/eu-south-2/") == true
        ? FakeTransport.response(200, "x")
        : FakeTransport.error(
          400, "AuthorizationHeaderMalformed", "<Region>eu-south-2</Region>")
    }
    _ = try await fake.bucket.read(name)
    _ = try await fake.bucket.read(name)
    #expect(fake.sent.count == 3)
    let hostile = try FakeBucket { _, _ in
      FakeTransport.error(400, "AuthorizationHeaderMalformed", "<Region>evil.example/</Region>")
    }
    #expect(await bucketFailure { _ = try await hostile.bucket.read(name) }?.code == .permanent)
    #expect(hostile.sent.count == 1)
  }

  @Test func `a clock that differs is corrected by what the store says`() async throws {
    // The store's clock is an hour ahead of 2023-11-14T22:13:20Z.
    let fake = try FakeBucket { request, _ in
      request.headers.first(name: "x-amz-date") == "20231114T231320Z"
        ? FakeTransport.response(200, "x")
        : FakeTransport.error(
          403, "RequestTimeTooSkewed", "<ServerTime>2023-11-14T23:13:20Z</ServerTime>")
    }
    _ = try await fake.bucket.read(name)
    _ = try await fake.bucket.read(name)
    #expect(fake.sent.count == 3)
    #expect(fake.pauses.withLock { $0 } == [])
  }

  @Test func `a clock that cannot be corrected is told with both times`() async throws {
    let fake = try FakeBucket { _, _ in
      FakeTransport.error(
        403, "RequestTimeTooSkewed", "<ServerTime>2023-11-14T23:13:20Z</ServerTime>")
    }
    let error = await bucketFailure { _ = try await fake.bucket.read(name) }
    #expect(error?.code == .permanent)
    #expect(
      error?.detail
        == """
        the clock of this machine says 2023-11-14T22:13:20Z, that of the store \
        2023-11-14T23:13:20Z; set the clock of this machine
        """)
    #expect(fake.sent.count == 2)
  }

  // MARK: Reading

  private static let content = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  /// Answers ranges of the content as a store does.
  private static func ranged(
    _ request: HTTPClientRequest, sends: Int? = nil, etag: String = "\"1\""
  ) -> HTTPClientResponse {
    let text = request.headers.first(name: "range")?.dropFirst("bytes=".count)
    guard let text else {
      return FakeTransport.response(
        200, bytes: content, headers: [("etag", etag)], sends: sends)
    }
    let bounds = text.split(separator: "-", omittingEmptySubsequences: false)
    let start = Int(bounds[0]) ?? 0
    guard start < content.count else { return FakeTransport.error(416, "InvalidRange") }
    let end = min(Int(bounds[1]).map { $0 + 1 } ?? content.count, content.count)
    return FakeTransport.response(
      206, bytes: Array(content[start..<end]),
      headers: [("content-range", "bytes \(start)-\(end - 1)/\(content.count)"), ("etag", etag)],
      sends: sends)
  }

  @Test func `a body that is cut is continued behind the last byte`() async throws {
    let fake = try FakeBucket(.fake { $0.attempts = 3 }) { request, number in
      Self.ranged(request, sends: number < 9 ? 100 : nil)
    }
    #expect(try await fake.bucket.read(name, range: 50..<2000) == Array(Self.content[50..<2000]))
    let ranges = fake.sent.compactMap { $0.headers.first(name: "range") }
    #expect(Array(ranges.prefix(3)) == ["bytes=50-1999", "bytes=150-1999", "bytes=250-1999"])
    #expect(ranges.count == 10)
    #expect(fake.sent.dropFirst().allSatisfy { $0.headers.first(name: "if-match") == "\"1\"" })
  }

  @Test func `a whole object that is cut is continued too`() async throws {
    let fake = try FakeBucket { request, number in
      Self.ranged(request, sends: number < 3 ? 1000 : nil)
    }
    #expect(try await fake.bucket.read(name) == Self.content)
    #expect(
      fake.sent.map { $0.headers.first(name: "range") }
        == [nil, "bytes=1000-", "bytes=2000-", "bytes=3000-"])
  }

  @Test func `parts of two objects are never put together`() async throws {
    let fake = try FakeBucket { request, number in
      if request.headers.contains(name: "if-match") {
        return FakeTransport.error(412, "PreconditionFailed")
      }
      return Self.ranged(request, sends: 100)
    }
    let error = await bucketFailure { _ = try await fake.bucket.read(name, range: 0..<500) }
    #expect(error?.code == .transient)
  }

  @Test func `answers that are not what was asked for are errors`() async throws {
    let wrongStart = try FakeBucket(.fake { $0.attempts = 2 }) { _, _ in
      FakeTransport.response(
        206, bytes: [1, 2, 3], headers: [("content-range", "bytes 0-2/10")])
    }
    #expect(
      await bucketFailure { _ = try await wrongStart.bucket.read(name, range: 5..<8) }?.code
        == .transient)
    let tooLong = try FakeBucket(.fake { $0.attempts = 2 }) { _, _ in
      FakeTransport.response(
        206, bytes: Self.content, headers: [("content-range", "bytes 5-10004/10005")])
    }
    #expect(
      await bucketFailure { _ = try await tooLong.bucket.read(name, range: 5..<8) }?.code
        == .transient)
    let whole = try FakeBucket { _, _ in FakeTransport.response(200, bytes: Self.content) }
    #expect(
      await bucketFailure { _ = try await whole.bucket.read(name, range: 5..<8) }?.code
        == .permanent)
    #expect(try await whole.bucket.read(name, range: 0..<8) == Array(Self.content[..<8]))
    let negative = try FakeBucket(.fake { $0.attempts = 1 }) { _, _ in
      FakeTransport.response(200, bytes: [1], headers: [("content-length", "-5")])
    }
    #expect(await bucketFailure { _ = try await negative.bucket.read(name) } != nil)
  }

  @Test func `an object is downloaded to a file, cut or not`() async throws {
    try await withTemporaryDirectory { directory in
      let fake = try FakeBucket { request, number in
        Self.ranged(request, sends: number < 2 ? 3000 : nil)
      }
      let count = try await fake.bucket.download(name, to: directory + "/x")
      #expect(count == Self.content.count)
      #expect(try await readLocalFile(directory + "/x") == Self.content)
    }
  }

  // MARK: Hedging

  @Test func `a late answer is overtaken by a second request`() async throws {
    let fake = try FakeBucket(.fake { $0.hedging.isEnabled = true }) { request, number in
      if number == 30 { try await Task.sleep(for: .seconds(600)) }
      return Self.ranged(request)
    }
    for _ in 0..<30 { _ = try await fake.bucket.read(name, range: 0..<10) }
    let before = fake.sent.count
    #expect(try await fake.bucket.read(name, range: 5..<10) == Array(Self.content[5..<10]))
    #expect(fake.sent.count >= before + 1)
    let all = fake.sent.dropFirst(before).compactMap { $0.headers.first(name: "range") }
    #expect(all.allSatisfy { $0 == "bytes=5-9" })
  }

  @Test func `there are no second requests unless asked for`() async throws {
    let fake = try FakeBucket { request, _ in Self.ranged(request) }
    for _ in 0..<60 { _ = try await fake.bucket.read(name, range: 0..<10) }
    #expect(fake.sent.count == 60)
  }

  @Test func `no more requests than allowed are under way`() async throws {
    let running = Locked((now: 0, most: 0))
    let fake = try FakeBucket(
      .fake {
        $0.hedging.isEnabled = true
        $0.hedging.upTo = 2
      }
    ) { request, number in
      running.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
      defer { running.withLock { $0.now -= 1 } }
      if number >= 25 { try await Task.sleep(for: .milliseconds(30)) }
      return Self.ranged(request)
    }
    for _ in 0..<30 { _ = try await fake.bucket.read(name, range: 0..<10) }
    #expect(running.withLock { $0.most } <= 2)
  }

  // MARK: Writing

  @Test func `uploads carry what the configuration says`() async throws {
    let fake = try FakeBucket(
      .fake {
        $0.uploadHeaders = ["x-amz-storage-class": "STANDARD_IA", "x-amz-meta-a": "b"]
        $0.encryption = .keyService(id: "key", context: ["b": "2", "a": "1"])
      }
    ) { _, _ in FakeTransport.response(200) }
    try await fake.bucket.write(Array("hello".utf8), to: name)
    let headers = try #require(fake.sent.first?.headers)
    #expect(headers.first(name: "x-amz-storage-class") == "STANDARD_IA")
    #expect(headers.first(name: "x-amz-meta-a") == "b")
    #expect(headers.first(name: "content-md5") == "XUFAKrxLKna5cZ2REBfFkg==")
    #expect(headers.first(name: "x-amz-server-side-encryption") == "aws:kms")
    #expect(headers.first(name: "x-amz-server-side-encryption-aws-kms-key-id") == "key")
    // {"a":"1","b":"2"}
    #expect(
      headers.first(name: "x-amz-server-side-encryption-context") == "eyJhIjoiMSIsImIiOiIyIn0=")
  }

  @Test func `a store that ignores conditions is found out before anybody trusts it`()
    async throws
  {
    let fake = try FakeBucket { request, _ in
      request.method == .HEAD ? FakeTransport.response(404) : FakeTransport.response(200)
    }
    let error = await bucketFailure { try await fake.bucket.create([1], at: name) }
    #expect(error?.code == .permanent)
    let sent = fake.sent.count
    #expect(await bucketFailure { try await fake.bucket.create([1], at: name) }?.code == .permanent)
    #expect(fake.sent.count == sent)
  }

  @Test func `a creation whose answer was lost is not taken for somebody else's`() async throws {
    let stored = Locked<Bool>(false)
    let fake = try FakeBucket { request, number in
      switch request.method {
      case .HEAD: return FakeTransport.response(404)
      case .GET: return FakeTransport.response(200, bytes: [1])
      default:
        let wasStored = stored.withLock { stored in
          defer { stored = true }
          return stored
        }
        if wasStored { return FakeTransport.error(412, "PreconditionFailed") }
        throw FakeTransport.Cut()
      }
    }
    try await fake.bucket.create([1], at: name)
    #expect(
      await bucketFailure { try await fake.bucket.create([2], at: name) }?.code
        == .preconditionFailed)
  }

  @Test func `pages that do not end are an error`() async throws {
    let fake = try FakeBucket { _, _ in
      FakeTransport.response(
        200,
        """
        <ListBucketResult><IsTruncated>true</IsTruncated>\
        <NextContinuationToken>same</NextContinuationToken></ListBucketResult>
        """)
    }
    #expect(
      await bucketFailure { _ = try await fake.bucket.list(nil, recursive: true) }?.code
        == .permanent)
    #expect(fake.sent.count == 2)
  }
}
