internal import NIOHTTP1
internal import ObjectStore

extension S3Failure {
  private static let denied: Set<String> = [
    "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AllAccessDisabled",
    "AccountProblem", "InvalidSecurity", "NotSignedUp", "UnauthorizedAccess",
  ]
  private static let transient: Set<String> = [
    "InternalError", "ServiceUnavailable", "SlowDown", "SlowDownRead", "SlowDownWrite",
    "RequestTimeout", "RequestTimeTooSkewed", "ExpiredToken", "TokenRefreshRequired",
    "InvalidToken", "Throttling", "ThrottlingException", "RequestLimitExceeded",
    "RequestThrottled", "BandwidthLimitExceeded", "OperationAborted",
    "ConditionalRequestConflict", "TooManyRequests", "Busy",
  ]
  private static let overload: Set<String> = [
    "SlowDown", "SlowDownRead", "SlowDownWrite", "Throttling", "ThrottlingException",
    "RequestLimitExceeded", "RequestThrottled", "BandwidthLimitExceeded", "TooManyRequests",
    "Busy", "ServiceUnavailable",
  ]

  /// Judges an answer that is no success.
  init(status: Int, headers: HTTPHeaders, body: [UInt8], now: Int64) {
    var answer = ErrorAnswer(body)
    if answer.region.isEmpty, let region = headers.first(name: "x-amz-bucket-region") {
      answer.region = region
    }
    self.init(Self.code(status, answer.code), answer.line(status))
    self.status = status
    self.answer = answer
    if (300..<400).contains(status) {
      code = .permanent
      detail = "the store sends us to another place"
      if !answer.endpoint.isEmpty { detail += ", \(answer.endpoint.prefix(200))" }
      if !answer.region.isEmpty { detail += ", region \(answer.region.prefix(64))" }
      detail += "; write that as endpoint and region"
    }
    isOverload = status == 429 || status == 503 || Self.overload.contains(answer.code)
    retryAfter = headers.first(name: "retry-after").flatMap { Self.delay($0, now: now) }
  }

  private static func code(_ status: Int, _ name: String) -> BucketError.Code {
    if transient.contains(name) { return .transient }
    if name == "NoSuchKey" { return .notFound }
    if name == "NoSuchBucket" { return .permanent }
    if name == "PreconditionFailed" || status == 412 { return .preconditionFailed }
    if denied.contains(name) { return .denied }
    switch status {
    case 404: return name.isEmpty || name == "NotFound" ? .notFound : .permanent
    case 401, 403: return .denied
    case 408, 409, 425, 429, 500...: return status == 501 || status == 505 ? .permanent : .transient
    default: return .permanent
    }
  }

  /// `Retry-After`: seconds, or a time of day.
  private static func delay(_ text: String, now: Int64) -> Duration? {
    if let seconds = Int64(text.trimmed) { return .seconds(max(0, min(seconds, 86_400))) }
    guard let time = SigningTime(httpDate: text) else { return nil }
    return .seconds(max(0, min(time.seconds - now / 1000, 86_400)))
  }
}
