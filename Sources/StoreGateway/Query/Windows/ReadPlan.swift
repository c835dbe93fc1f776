internal import TSDBBlock

/// What reading the series of a block has to know of a request.
struct ReadPlan: Sendable {
  var filter: SeriesFilter
  var removedNames: Set<[UInt8]>
  /// Nil when nobody wants the chunks.
  var loader: ChunkLoader?
  var abortsAtDamage: Bool
  /// How many series the answer has at most; nil for all there are.
  var seriesLimit: Int?
}
