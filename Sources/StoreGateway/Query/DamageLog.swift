internal import TSDBBlock

/// What to do with damage found while a query runs.
///
/// Under the partial response strategy WARN the damaged piece is left out and named in a warning;
/// under ABORT the first one ends the query.
struct DamageLog: Sendable {
  /// A wrecked block must not drown the answer in warnings.
  static let limit = 100

  let aborts: Bool
  private var pending: [String] = []
  private var count = 0

  init(aborts: Bool) {
    self.aborts = aborts
  }

  /// Notes that a part of `block` could not be read, or throws.
  mutating func note(_ error: BlockError, in block: BlockID) throws(QueryError) {
    guard !aborts else { throw .damaged(block: block, error) }
    count += 1
    if count <= Self.limit { pending.append("block \(block): \(error)") }
  }

  /// Moves the notes of another log, made beside this one, here.
  mutating func take(_ other: inout DamageLog) {
    let room = max(0, Self.limit - count)
    pending += other.pending.prefix(room)
    count += other.count
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
