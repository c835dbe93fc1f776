internal import TSDBBlock

/// What to do with parts of blocks that cannot be read while a query runs.
///
/// Under the partial response strategy WARN the part is left out and named in a warning; under ABORT
/// the first one ends the query. A block that is gone from the bucket is a warning in any case: what
/// took its place is served in a moment, and nothing of it was wrong.
struct DamageLog: Sendable {
  /// A wrecked block must not drown the answer in warnings.
  static let limit = 100

  let aborts: Bool
  private var pending: [String] = []
  private var count = 0
  /// Blocks that are gone.
  private(set) var vanished: Set<BlockID> = []

  init(aborts: Bool) {
    self.aborts = aborts
  }

  /// Whether nothing was left out.
  var isEmpty: Bool { count == 0 }

  /// Notes that a part of `block` is damaged, or throws.
  mutating func note(_ error: BlockError, in block: BlockID) throws(QueryError) {
    guard !aborts else { throw .damaged(block: block, error) }
    append("block \(block): \(error)")
  }

  /// Notes that a part of `block` could not be read, or throws.
  mutating func note(_ failure: ReadFailure, in block: BlockID) throws(QueryError) {
    switch failure {
    case .damaged(let error): try note(error, in: block)
    case .ends(let error): throw error
    case .cancelled: throw .cancelled
    case .unavailable(let error):
      guard !aborts else { throw .unavailable(block: block, "\(error)") }
      append("block \(block): \(failure)")
    case .vanished:
      if vanished.insert(block).inserted { append("block \(block): \(failure)") }
    }
  }

  /// Notes what an answer lacks for another reason, or throws.
  mutating func note(missing text: String, of block: BlockID) throws(QueryError) {
    guard !aborts else { throw .unavailable(block: block, text) }
    append(text)
  }

  private mutating func append(_ text: String) {
    count += 1
    if count <= Self.limit { pending.append(text) }
  }

  /// Moves the notes of another log, made beside this one, here.
  mutating func take(_ other: inout DamageLog) {
    let room = max(0, Self.limit - count)
    pending += other.pending.prefix(room)
    count += other.count
    vanished.formUnion(other.vanished)
    other.pending = []
    other.count = 0
  }

  /// Warnings not yet sent.
  mutating func takeWarnings() -> [String] {
    defer { pending = [] }
    return pending
  }

  /// How many warnings were left out, for one last line.
  var omitted: Int { max(0, count - Self.limit) }
}
