/// Why a request to a cache has no answer.
enum WireFailure: Error, Equatable, Sendable {
  /// No answer in time.
  case timeout
  /// The connection could not be made, or broke.
  case network(String)
  /// The answer is none that the protocol knows, or larger than anything we ask for.
  case malformed(String)
  /// The server refuses.
  case server(String)
  /// Nobody waits for the answer any more.
  case cancelled
  /// The server failed so often that it is not asked for a while.
  case avoided

  /// One line for a log. What a server says is cut, and free of control characters.
  var text: String {
    switch self {
    case .timeout: "no answer in time"
    case .network(let detail): "no connection: \(detail)"
    case .malformed(let detail): "not an answer: \(detail)"
    case .server(let detail): "the server says: \(detail)"
    case .cancelled: "cancelled"
    case .avoided: "not asked, after failures"
    }
  }

  /// A refusal in a server's words.
  static func server(saying words: some Sequence<UInt8>) -> WireFailure {
    let shown = words.lazy.prefix(120).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
    return .server(String(decoding: Array(shown), as: UTF8.self))
  }
}
