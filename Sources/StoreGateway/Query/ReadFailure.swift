internal import ObjectStore
internal import RemoteBlocks
internal import TSDBBlock

/// Why a part of a block could not be read.
enum ReadFailure: Error, Equatable, CustomStringConvertible {
  /// Its bytes are wrong.
  case damaged(BlockError)
  /// It is gone from the bucket: most likely it was compacted and deleted.
  case vanished(BucketError)
  /// The bucket did not give it, also after several tries.
  case unavailable(BucketError)
  /// The query ends, for this reason.
  case ends(QueryError)
  /// Nobody waits for it any more.
  case cancelled

  init(_ error: RemoteBlockError) {
    self =
      switch error {
      case .vanished(let cause): .vanished(cause)
      case .unavailable(let cause): .unavailable(cause)
      case .damaged(let cause): .damaged(cause)
      case .unwritable(let cause): .damaged(cause)
      case .refused(let refusal):
        .ends(refusal.cause as? QueryError ?? .refused("\(refusal)"))
      case .cancelled: .cancelled
      }
  }

  /// Whether the next part of the block would most likely fail in the same way, after as long a wait.
  var endsBlock: Bool {
    switch self {
    case .vanished, .unavailable: true
    case .damaged, .ends, .cancelled: false
    }
  }

  var description: String {
    switch self {
    case .damaged(let error): error.description
    case .vanished(let error):
      "\(error); the block was deleted since the bucket was looked at, ask again in a moment"
    case .unavailable(let error): error.description
    case .ends(let error): error.description
    case .cancelled: "the call was cancelled"
    }
  }

  /// Runs what can only fail in a way that ends the query.
  static func ending<Value>(
    _ body: () throws(QueryError) -> Value
  ) throws(ReadFailure) -> Value {
    do {
      return try body()
    } catch {
      throw .ends(error)
    }
  }
}
