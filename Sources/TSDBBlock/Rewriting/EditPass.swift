/// Goes through the series of a block that is edited, in the block's order.
struct EditPass {
  private let edit: BlockEdit
  private let deleted: Tombstones
  private let index: IndexReader
  private var references: [LabelReference] = []
  private var chunks: [ChunkSpan] = []

  init(_ edit: BlockEdit, _ deleted: Tombstones) {
    self.edit = edit
    self.deleted = deleted
    index = edit.input.index
  }

  /// A series that stays.
  struct Series {
    var id: UInt32
    var old: LabelSet
    var new: LabelSet
  }

  /// - Parameters:
  ///   - onChange: told of what changes.
  ///   - onSeries: given every series that stays, with the references of its old labels.
  mutating func run<Failure: Error>(
    onChange: (BlockEdit.Change) throws(Failure) -> Void,
    onSeries: (Series, [LabelReference], Int) throws(Failure) -> Void
  ) throws {
    let ids = try index.allPostings()
    for id in ids {
      let labels = try read(id)
      let intervals = deleted.intervals(ofSeries: id)
      let requested = intervals.isEmpty ? [] : touched(by: intervals)
      if !requested.isEmpty { try onChange(.deleted(labels, requested)) }
      guard staysAny(intervals) else { continue }
      guard let relabel = edit.relabel else {
        try onSeries(Series(id: id, old: labels, new: labels), references, ids.count)
        continue
      }
      let new = relabel(labels)
      if new != labels { try onChange(.relabelled(labels, new)) }
      if let new { try onSeries(Series(id: id, old: labels, new: new), references, ids.count) }
    }
  }

  private mutating func read(_ id: UInt32) throws(BlockError) -> LabelSet {
    references.removeAll(keepingCapacity: true)
    chunks.removeAll(keepingCapacity: true)
    try index.appendSeries(id, labels: &references, chunks: &chunks)
    return try index.labels(references)
  }

  /// The deleted ranges that meet chunks of the series, not longer than these.
  private func touched(by intervals: [ClosedRange<Int64>]) -> [ClosedRange<Int64>] {
    guard let first = chunks.map(\.minTime).min(), let last = chunks.map(\.maxTime).max(),
      first <= last
    else { return [] }
    let meeting = intervals.filter { interval in
      chunks.contains { $0.minTime <= interval.upperBound && $0.maxTime >= interval.lowerBound }
    }
    return meeting.map { $0.clamped(to: first...last) }
  }

  private func staysAny(_ intervals: [ClosedRange<Int64>]) -> Bool {
    guard !intervals.isEmpty else { return !chunks.isEmpty }
    let trim = ChunkTrim(range: Int64.min...Int64.max, deletions: intervals)
    return chunks.contains { trim.decision(for: $0) != .drop }
  }
}
