internal import TSDBBlock

/// A window with all that was learnt while it was made.
struct DecodedWindow: Sendable {
  var window = SeriesWindow()
  /// How many of the ids it was asked for were looked at; the rest is for another window.
  var consumed = 0
  /// How many of these match, whatever their times.
  var matched = 0
  var damage: DamageLog
  var cost = ReadCost()
  /// Deleted times of the series that have any, by position in the window.
  var deletions: [Int: [ClosedRange<Int64>]] = [:]

  init(damage: DamageLog) {
    self.damage = damage
  }
}

/// What a query has read so far.
struct ReadCost: Sendable {
  /// Lists of series read, and their bytes.
  var postings = 0
  var postingsBytes = 0
  /// Series entries decoded, and their bytes.
  var series = 0
  var seriesBytes = 0
  /// Chunks verified, and the bytes of their records.
  var chunks = 0
  var chunkBytes = 0

  static func += (left: inout Self, right: Self) {
    left.postings &+= right.postings
    left.postingsBytes &+= right.postingsBytes
    left.series &+= right.series
    left.seriesBytes &+= right.seriesBytes
    left.chunks &+= right.chunks
    left.chunkBytes &+= right.chunkBytes
  }
}
