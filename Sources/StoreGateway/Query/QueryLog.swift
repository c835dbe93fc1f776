internal import TSDBBlock

/// What a query has met and read so far.
struct QueryLog: Sendable {
  var damage: DamageLog
  var cost = ReadCost()

  init(aborts: Bool) {
    damage = DamageLog(aborts: aborts)
  }

  /// Moves what was met while a window was made to this log.
  mutating func take(_ decoded: inout DecodedWindow) {
    damage.take(&decoded.damage)
    cost += decoded.cost
  }

  /// Adds what was met elsewhere.
  mutating func take(_ other: QueryLog) {
    var other = other
    damage.take(&other.damage)
    cost += other.cost
  }
}
