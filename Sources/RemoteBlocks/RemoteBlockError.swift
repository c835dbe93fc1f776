public import ObjectStore
public import TSDBBlock

/// Why something of a remote block could not be had.
public enum RemoteBlockError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The block, or a file of it, is not in the bucket any more: most likely it was compacted and
  /// deleted. Look at the bucket again.
  case vanished(BucketError)
  /// The bucket did not give what it has, also after several tries.
  case unavailable(BucketError)
  /// The bytes in the bucket, or those of the local file, are not those of a block.
  case damaged(BlockError)
  /// The data directory does not take the file of an index-header.
  case unwritable(BlockError)
  /// The query asked for more than it may have.
  case refused(FetchRefusal)
  /// The task that asked was cancelled.
  case cancelled

  init(_ error: BucketError) {
    self = error.code == .notFound ? .vanished(error) : .unavailable(error)
  }

  /// Whether the same question may be answered a moment later.
  public var isRetryable: Bool {
    switch self {
    case .unavailable(let error): error.code == .transient
    case .cancelled: true
    case .vanished, .damaged, .unwritable, .refused: false
    }
  }

  public var description: String {
    switch self {
    case .vanished(let error), .unavailable(let error): error.description
    case .damaged(let error), .unwritable(let error): error.description
    case .refused(let refusal): refusal.description
    case .cancelled: "the call was cancelled"
    }
  }
}
