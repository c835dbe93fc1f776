internal import NIOHTTP1
internal import ObjectStore

/// One request for a bucket, before it is signed.
struct S3Request: Sendable {
  enum Body: Sendable {
    case none
    case bytes([UInt8])
    case file(FilePart)

    var byteCount: Int {
      switch self {
      case .none: 0
      case .bytes(let bytes): bytes.count
      case .file(let part): part.byteCount
      }
    }
  }

  var method: HTTPMethod
  /// Of the object; nil for the bucket itself.
  var key: String?
  /// Not encoded.
  var query: [(name: String, value: String)] = []
  /// Names in small letters.
  var headers: [(name: String, value: String)] = []
  var body = Body.none
  /// SHA-256 of the body in hexadecimal digits, where it is known and to be signed.
  var payloadHash: String?
  /// Statuses that are answers, beside those of success.
  var accepted: Set<Int> = []
  /// Whether a second request may be sent when the answer is late.
  var mayHedge = false
  /// For errors.
  var operation: BucketOperation

  /// For errors, too.
  var object: String { key ?? query.first { $0.name == "prefix" }?.value ?? "the bucket" }

  func error(_ code: BucketError.Code, _ detail: String) -> BucketError {
    BucketError(code, operation, object: object.isEmpty ? "the bucket" : object, detail: detail)
  }
}

/// An answer that was read completely.
struct S3Answer: Sendable {
  var status: Int
  var headers: HTTPHeaders
  var body: [UInt8]
  /// Tries before, since which the store may have done what was asked.
  var failures: Int
}

/// Why a try failed, and what that means for the next one.
struct S3Failure: Error, Sendable {
  var code: BucketError.Code
  var detail: String
  /// Of the answer; 0 when there was none.
  var status = 0
  var answer = ErrorAnswer()
  /// What the store asks to wait.
  var retryAfter: Duration?
  /// The store has too much to do.
  var isOverload = false

  init(_ code: BucketError.Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }
}
