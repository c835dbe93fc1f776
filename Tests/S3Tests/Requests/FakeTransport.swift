import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import ObjectStore
import TestSupport

@testable import S3

/// Answers requests from a function, and remembers them.
final class FakeTransport: S3Transport {
  struct Cut: Error {}

  let sent = Locked<[HTTPClientRequest]>([])
  private let answer: @Sendable (HTTPClientRequest, Int) async throws -> HTTPClientResponse

  /// - Parameter answer: gets the number of the request, from 0.
  init(
    _ answer: @escaping @Sendable (HTTPClientRequest, Int) async throws -> HTTPClientResponse
  ) {
    self.answer = answer
  }

  func send(
    _ request: HTTPClientRequest, timeout: Duration
  ) async throws -> HTTPClientResponse {
    let number = sent.withLock { sent in
      sent.append(request)
      return sent.count - 1
    }
    return try await answer(request, number)
  }

  static func response(
    _ status: Int, _ body: String = "", headers: [(String, String)] = []
  ) -> HTTPClientResponse {
    response(status, bytes: Array(body.utf8), headers: headers)
  }

  /// - Parameter sends: bytes after which the body is cut.
  static func response(
    _ status: Int, bytes: [UInt8], headers: [(String, String)] = [], sends: Int? = nil
  ) -> HTTPClientResponse {
    var all = HTTPHeaders(headers)
    if !all.contains(name: "content-length") {
      all.add(name: "content-length", value: "\(bytes.count)")
    }
    let body: HTTPClientResponse.Body
    if let sends {
      let (stream, continuation) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
      continuation.yield(ByteBuffer(bytes: bytes[..<min(sends, bytes.count)]))
      continuation.finish(throwing: Cut())
      body = .stream(stream)
    } else {
      body = .bytes(ByteBuffer(bytes: bytes))
    }
    return HTTPClientResponse(
      status: HTTPResponseStatus(statusCode: status), headers: all, body: body)
  }

  static func error(_ status: Int, _ code: String, _ more: String = "") -> HTTPClientResponse {
    response(status, "<Error><Code>\(code)</Code>\(more)</Error>")
  }
}

extension S3Configuration {
  static func fake(_ change: (inout S3Configuration) -> Void = { _ in }) -> S3Configuration {
    var configuration = S3Configuration(bucket: "b", endpoint: "store.example:9000")
    configuration.accessKey = "AK"
    configuration.secretKey = "SK-secret"
    change(&configuration)
    return configuration
  }
}

/// A bucket over a fake transport, whose clock and pauses are the test's.
struct FakeBucket {
  let bucket: S3Bucket
  let transport: FakeTransport
  let pauses = Locked<[Duration]>([])

  init(
    _ configuration: S3Configuration = .fake(),
    now: @escaping @Sendable () -> Int64 = { 1_700_000_000_000 },
    _ answer: @escaping @Sendable (HTTPClientRequest, Int) async throws -> HTTPClientResponse
  ) throws {
    transport = FakeTransport(answer)
    let credentials = CredentialChain(
      [
        StaticCredentials(
          value: Credentials(
            accessKey: configuration.accessKey, secretKey: configuration.secretKey))
      ], now: { 0 })
    let client = S3Client(
      configuration: configuration, transport: transport, credentials: credentials, now: now,
      sleep: { [pauses] pause in pauses.withLock { $0.append(pause) } })
    bucket = try S3Bucket(configuration: configuration, client: client)
  }

  var sent: [HTTPClientRequest] { transport.sent.withLock { $0 } }
}
