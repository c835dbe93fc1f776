internal import GRPCCore
internal import TSDBBlock

/// Why a query cannot be answered.
enum QueryError: Error, Equatable, CustomStringConvertible {
  /// The request itself is wrong.
  case invalidRequest(String)
  /// A block is damaged and the client asked for all or nothing.
  case damaged(block: BlockID, BlockError)
  /// A downsampled chunk does not hold an aggregate that was asked for.
  case missingAggregate(block: BlockID, name: String)

  var description: String {
    switch self {
    case .invalidRequest(let reason): reason
    case .damaged(let block, let error): "block \(block): \(error)"
    case .missingAggregate(let block, let name):
      "block \(block): aggregate \(name) does not exist in a chunk"
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
      }
    self.init(code: code, message: error.description)
  }
}
