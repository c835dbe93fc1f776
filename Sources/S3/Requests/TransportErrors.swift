internal import AsyncHTTPClient
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import ObjectStore

/// What broken connections mean.
enum TransportErrors {
  static func failure(_ error: any Error, to authority: String) -> S3Failure {
    S3Failure(isFinal(error) ? .permanent : .transient, "\(authority): \(reason(error))")
  }

  /// Words for a person, on one line.
  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as HTTPClientError: return words(error)
    case let error as NIOConnectionError:
      let causes = error.connectionErrors.map { "\($0.error)" }
      return "cannot connect to \(error.host):\(error.port)"
        + (causes.first.map { ": \(line($0))" } ?? ": no address is known")
    case is CancellationError: return "cancelled"
    case let error as NIOSSLError: return "TLS: \(line("\(error)"))"
    case let error as NIOSSLExtraError: return "TLS: \(line("\(error)"))"
    default: return line("\(error)")
    }
  }

  /// A certificate that is not accepted is not accepted the next time either.
  private static func isFinal(_ error: any Error) -> Bool {
    switch error {
    case is NIOSSLExtraError: return true
    case let error as NIOSSLError:
      if case .handshakeFailed = error { return "\(error)".contains("CERTIFICATE") }
      return false
    case let error as HTTPClientError: return error == .invalidURL || error == .emptyHost
    default: return false
    }
  }

  private static func words(_ error: HTTPClientError) -> String {
    switch error {
    case .remoteConnectionClosed: "the connection was closed before the answer was complete"
    case .deadlineExceeded, .readTimeout: "no answer in time"
    case .writeTimeout: "the body could not be sent in time"
    case .connectTimeout: "no connection in time"
    case .getConnectionFromPoolTimeout: "no connection became free in time"
    case .cancelled: "cancelled"
    default: error.shortDescription
    }
  }

  private static func line(_ text: String) -> String {
    String(text.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(300))
  }
}
