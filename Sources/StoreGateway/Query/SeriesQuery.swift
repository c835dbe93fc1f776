internal import StoreAPI
internal import TSDBBlock

/// One Series request from blocks to batches. The only place that knows the whole order of work:
///
///     1  choose blocks           BlockSetSnapshot.blocks(for:)
///     2  select series           BlockCursor, one per block
///     3  merge equal labels      SeriesMerge
///     4  load and dedup chunks   ChunkLoader, ChunkCollector
///     5  cut into batches        here
///
/// Synchronous and blocking: every call may touch pages that are not in memory.
struct SeriesQuery {
  /// A batch that grew beyond this is sent before it is full.
  private static let batchBytes = 8 << 20

  private let plan: SeriesPlan
  private var merge: SeriesMerge
  private var collector = ChunkCollector()
  private var damage: DamageLog
  private var left: Int

  /// Selects the series of every block that can hold an answer.
  init(_ plan: SeriesPlan, in snapshot: BlockSetSnapshot) throws(QueryError) {
    self.plan = plan
    damage = DamageLog(aborts: plan.abortsAtDamage)
    left = plan.limit ?? .max
    var cursors: [BlockCursor] = []
    for (block, matchers) in snapshot.blocks(for: plan) {
      cursors.append(
        try BlockCursor(
          block, selecting: matchers, filter: plan.filter, removing: plan.removedNames,
          damage: &damage))
    }
    merge = SeriesMerge(cursors)
  }

  /// The next series in label order, or nil at the end.
  ///
  /// - Parameter count: How many series to take at most.
  mutating func nextBatch(of count: Int) throws(QueryError) -> SeriesBatch? {
    var batch = SeriesBatch()
    while left > 0, batch.count < count, batch.byteCount < Self.batchBytes {
      guard let cursor = merge.top else { break }
      cursor.beginSeries(in: &batch)
      if try appendChunks(to: &batch) { left -= 1 } else { batch.removeLastSeries() }
    }
    return batch.isEmpty ? nil : batch
  }

  /// Warnings about damage met since the last call.
  mutating func takeWarnings() -> [String] { damage.takeWarnings() }

  /// A line about warnings that were not sent, if any.
  var omittedWarnings: String? {
    damage.omitted == 0 ? nil : "\(damage.omitted) more damaged parts were left out"
  }

  /// Takes every cursor that stands at the labels of the last series past them.
  ///
  /// - Returns: False when all chunks of the series were damaged.
  private mutating func appendChunks(to batch: inout SeriesBatch) throws(QueryError) -> Bool {
    collector.removeAll()
    while let cursor = merge.top, cursor.continuesLastSeries(of: batch) {
      if !plan.skipsChunks, let segments = try cursor.segments(&damage) {
        for index in cursor.chunks {
          try plan.loader.load(
            cursor.chunk(at: index), of: cursor.block, in: segments, into: &collector,
            owners: &batch, damage: &damage)
        }
      }
      try merge.advance(&damage)
    }
    if plan.skipsChunks { return true }
    guard !collector.isEmpty else { return false }
    collector.finish(into: &batch)
    return true
  }
}
