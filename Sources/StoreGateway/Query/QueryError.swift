internal import GRPCCore
internal import TSDBBlock

/// Why a query cannot be answered.
enum QueryError: Error, Equatable, CustomStringConvertible {
  /// The request itself is wrong.
  case invalidRequest(String)
  /// A block is damaged and the client asked for all or nothing.
  case damaged(block: BlockID, BlockError)
  /// The bucket does not give a block and the client asked for all or nothing.
  case unavailable(block: BlockID, String)
  /// Nobody waits for the answer any more.
  case cancelled
  /// A downsampled chunk does not hold an aggregate that was asked for.
  case missingAggregate(block: BlockID, name: String)
  /// The request touches more than a flag allows.
  case limit(QueryLimit, limit: Int, found: Int, block: BlockID)
  /// The request needs more memory than there is, or than got free in time. In bytes.
  case memory(needed: Int, of: Int, waited: Duration?)
  /// The chunks that all requests fetch at once would take more memory than a flag allows.
  case chunkPool(needed: Int, of: Int)
  /// The request touches more than it may, for this reason.
  case refused(String)

  var description: String {
    switch self {
    case .invalidRequest(let reason): reason
    case .damaged(let block, let error): "block \(block): \(error)"
    case .unavailable(let block, let reason): "block \(block): \(reason)"
    case .cancelled: "the call was cancelled"
    case .missingAggregate(let block, let name):
      "block \(block): aggregate \(name) does not exist in a chunk"
    case .limit(let kind, let limit, let found, let block):
      "\(kind.text(limit: limit, found: found, block: block)); narrow the selector or the time "
        + "range, or raise \(kind.flag)"
    case .chunkPool(let needed, let capacity):
      "\(needed) bytes of chunks are more than is free of the \(capacity) for all requests; "
        + "narrow the selector or the time range, or raise --chunk-pool-size"
    case .refused(let reason): reason
    case .memory(let needed, let capacity, nil):
      "the request needs \(needed) bytes of memory, more than is free of the \(capacity) for all "
        + "requests; narrow the selector or the time range, or raise --store.memory-budget"
    case .memory(let needed, let capacity, let waited?):
      "\(needed) bytes of memory did not become free within \(waited.components.seconds) seconds, "
        + "of \(capacity) for all requests; try again, or raise --store.memory-budget"
    }
  }
}

extension RPCError {
  /// The status codes of the reference, where it has one.
  init(_ error: QueryError) {
    let code: Code =
      switch error {
      case .invalidRequest: .invalidArgument
      case .damaged: .dataLoss
      case .missingAggregate: .unknown
      case .unavailable: .unavailable
      case .cancelled: .cancelled
      case .limit, .memory, .chunkPool, .refused: .resourceExhausted
      }
    self.init(code: code, message: error.description)
  }
}
