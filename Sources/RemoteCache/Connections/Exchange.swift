internal import NIOCore
internal import Synchronization

/// A request under way and whoever waits for its answer.
struct Exchange: Sendable {
  let request: ByteBuffer
  let timeout: TimeAmount
  /// Made on the event loop when the request is written.
  let makeSink: @Sendable () -> any AnswerSink
}

/// Takes the bytes of an answer.
protocol AnswerSink {
  /// - Returns: whether the answer is complete; whoever waits has it then.
  mutating func take(_ bytes: inout ByteBuffer) throws(WireFailure) -> Bool
  func fail(_ failure: WireFailure)
}

/// Parses an answer and hands it over.
struct ParsingSink<Parser: ReplyParser>: AnswerSink {
  var parser: Parser
  let waiting: Waiting<Parser.Reply>

  mutating func take(_ bytes: inout ByteBuffer) throws(WireFailure) -> Bool {
    guard let reply = try parser.parse(&bytes) else { return false }
    waiting.resume(.success(reply))
    return true
  }

  func fail(_ failure: WireFailure) { waiting.resume(.failure(failure)) }
}

/// A task that waits for one answer, whoever brings it first.
final class Waiting<Value: Sendable>: Sendable {
  private let continuation: Mutex<CheckedContinuation<Result<Value, WireFailure>, Never>?>

  init(_ continuation: CheckedContinuation<Result<Value, WireFailure>, Never>) {
    self.continuation = Mutex(continuation)
  }

  func resume(_ result: Result<Value, WireFailure>) {
    let waiter = continuation.withLock { continuation in
      defer { continuation = nil }
      return continuation
    }
    waiter?.resume(returning: result)
  }
}
