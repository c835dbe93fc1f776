internal import TSDBBlock

/// What a query has met, read and answered so far.
struct QueryLog: Sendable {
  var damage: DamageLog
  /// Blocks that were chosen.
  var blocks = 0
  var resultSeries = 0
  var resultChunks = 0
  /// Time until the first series of every block was known, and since then.
  var selecting = Duration.zero
  var merging = Duration.zero

  init(aborts: Bool) {
    damage = DamageLog(aborts: aborts)
  }

  /// Moves what was met while a window was made to this log.
  mutating func take(_ decoded: inout DecodedWindow) {
    damage.take(&decoded.damage)
  }

  /// Adds what was met while a block was opened.
  mutating func take(_ other: QueryLog) {
    var other = other
    damage.take(&other.damage)
  }
}
