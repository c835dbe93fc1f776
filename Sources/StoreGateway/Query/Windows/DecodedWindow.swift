internal import TSDBBlock

/// A window with all that was learnt while it was made.
struct DecodedWindow: Sendable {
  var window = SeriesWindow()
  /// How many of the ids it was asked for were looked at; the rest is for another window.
  var consumed = 0
  /// Entries decoded, and their bytes.
  var decoded = 0
  var decodedBytes = 0
  /// How many of these match, whatever their times.
  var matched = 0
  var matchedBytes = 0
  var damage: DamageLog
  /// These series, when somebody has to remember them.
  var matchedIDs: [UInt32] = []
  /// Deleted times of the series that have any, by position in the window.
  var deletions: [Int: [ClosedRange<Int64>]] = [:]

  /// Whether the rest of the block is not worth asking for: the bucket has it no longer, or did not
  /// give it after several tries.
  var endsBlock = false

  /// Memory of what was fetched for the window.
  var charges: BlockCharges?

  init(damage: DamageLog) {
    self.damage = damage
  }
}
