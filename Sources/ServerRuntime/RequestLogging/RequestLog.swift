public import Logging

/// Writes the lines about requests that ``RequestLogConfiguration`` asks for.
///
/// Their level decides alone: `--log.level` does not hide what was asked for by configuration.
public struct RequestLog: Sendable {
  private let configuration: Reloadable<RequestLogConfiguration>
  private let logger: Logger

  public init(configuration: Reloadable<RequestLogConfiguration>, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
  }

  /// Nil when the request is not logged.
  ///
  /// - Parameter port: the one this server listens on.
  public func http(
    method: String, path: String, port: Int, peer: String, id: String
  ) -> RequestLogLine? {
    let rules = configuration.current.http
    guard rules.logs("\(path):\(port)") else { return nil }
    return line(
      rules,
      [
        "protocol": "http", "http.method": "\(method)", "http.path": "\(path)",
        "http.remote_addr": "\(peer)", "request_id": "\(id)",
      ])
  }

  /// Nil when the call is not logged.
  ///
  /// - Parameter service: the full name, such as `thanos.Store`.
  public func grpc(
    service: String, method: String, peer: String, id: String, tenant: String
  ) -> RequestLogLine? {
    let rules = configuration.current.grpc
    guard rules.logs("\(service)/\(method)") else { return nil }
    return line(
      rules,
      [
        "protocol": "grpc", "grpc.service": "\(service)", "grpc.method": "\(method)",
        "peer.address": "\(peer)", "request_id": "\(id)", "tenant": "\(tenant)",
      ])
  }

  private func line(
    _ rules: RequestLogConfiguration.Rules, _ metadata: Logger.Metadata
  ) -> RequestLogLine {
    var logger = logger
    logger.logLevel = .trace
    for (key, value) in metadata { logger[metadataKey: key] = value }
    return RequestLogLine(logger: logger, rules: rules)
  }
}

/// The lines about one request.
public struct RequestLogLine: Sendable {
  let logger: Logger
  let rules: RequestLogConfiguration.Rules

  /// Call when the request has arrived.
  public func start() {
    guard rules.logsStart, rules.least <= .info else { return }
    logger.info("started call")
  }

  /// Call when the answer is complete.
  public func finish(status: Int, duration: Duration) {
    write(
      status < 500 ? .info : .error,
      ["http.status_code": "\(status)", "http.time_ms": "\(Self.milliseconds(duration))"])
  }

  /// Call when the last message was written.
  ///
  /// - Parameters:
  ///   - code: the status as Go spells it.
  ///   - message: what the client is told of an error.
  public func finish(code: String, message: String?, duration: Duration) {
    var metadata: Logger.Metadata = [
      "grpc.code": "\(code)", "grpc.time_ms": "\(Self.milliseconds(duration))",
    ]
    if let message { metadata["err"] = "\(message)" }
    write(Self.severity(ofCode: code), metadata)
  }

  private func write(
    _ severity: RequestLogConfiguration.Severity, _ metadata: Logger.Metadata
  ) {
    guard rules.logsEnd, severity >= rules.least else { return }
    let level: Logger.Level =
      switch severity {
      case .debug: .debug
      case .info: .info
      case .warning: .warning
      case .error: .error
      }
    logger.log(level: level, "finished call", metadata: metadata)
  }

  /// Errors are the server's fault, warnings its limits; what a client did wrong is neither.
  static func severity(ofCode code: String) -> RequestLogConfiguration.Severity {
    switch code {
    case "Unknown", "Unimplemented", "Internal", "DataLoss": .error
    case "DeadlineExceeded", "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted", "OutOfRange", "Unavailable":
      .warning
    default: .info
    }
  }

  /// With three digits of microseconds.
  private static func milliseconds(_ duration: Duration) -> String {
    let microseconds = duration / .microseconds(1)
    let whole = Int64(max(0, min(microseconds, 9e15)))
    let rest = String(whole % 1000)
    return "\(whole / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }
}
