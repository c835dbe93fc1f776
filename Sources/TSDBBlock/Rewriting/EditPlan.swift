/// What an edited block will hold: which series, in which order.
///
///     sorted in batches ──► runs of ids ──► merged in pairs ──► one run          4 bytes a series
///
/// A merge reads the entries of its series again, so labels of one batch at most are in memory.
struct EditPlan {
  let edit: BlockEdit
  var symbols: EditSymbols
  /// Series of the old block, in the order of their new labels.
  private(set) var ids: [UInt32] = []
  /// Where sorted runs begin in `ids`.
  private var starts: [Int] = []
  /// Of how many series of the old block one of the new is made, at most.
  private(set) var mostEqual = 1

  init(_ edit: BlockEdit, _ deleted: Tombstones) throws(BlockError) {
    self.edit = edit
    var symbols = try EditSymbols(edit.input.index)
    var ids: [UInt32] = []
    var starts: [Int] = []
    var batch: [(labels: LabelSet, id: UInt32)] = []
    var last: LabelSet?
    let keepsOrder = edit.relabel == nil
    func flush() {
      batch.sort { ($0.labels, $0.id) < ($1.labels, $1.id) }
      guard let first = batch.first else { return }
      if last.map({ first.labels < $0 }) ?? true { starts.append(ids.count) }
      last = batch.last?.labels
      for series in batch { ids.append(series.id) }
      batch.removeAll(keepingCapacity: true)
    }
    var pass = EditPass(edit, deleted)
    do {
      try pass.run(
        onChange: { _ in },
        onSeries: { series, references, _ in
          try symbols.use(series, references)
          if keepsOrder {
            ids.append(series.id)
          } else {
            batch.append((series.new, series.id))
            if batch.count >= edit.batchSize { flush() }
          }
        })
    } catch let error as BlockError {
      throw error
    } catch {
      throw BlockError(.invalidInput, detail: "\(error)")
    }
    flush()
    self.symbols = symbols
    self.ids = ids
    self.starts = keepsOrder ? [0] : starts
  }

  /// Brings the series into order, once the symbols have their ordinals.
  mutating func sort() throws(BlockError) {
    while starts.count > 1 {
      var sorted: [UInt32] = []
      sorted.reserveCapacity(ids.count)
      var merged: [Int] = []
      for run in stride(from: 0, to: starts.count, by: 2) {
        merged.append(starts[run])
        let middle = run + 1 < starts.count ? starts[run + 1] : ids.count
        let end = run + 2 < starts.count ? starts[run + 2] : ids.count
        try merge(starts[run]..<middle, middle..<end, into: &sorted)
      }
      ids = sorted
      starts = merged
    }
    guard edit.relabel != nil else { return }
    try countEqual()
  }

  private func merge(
    _ left: Range<Int>, _ right: Range<Int>, into sorted: inout [UInt32]
  ) throws(BlockError) {
    var (l, r) = (EditCursor(self), EditCursor(self))
    var (i, j) = (left.lowerBound, right.lowerBound)
    if i < left.upperBound { try l.read(ids[i]) }
    if j < right.upperBound { try r.read(ids[j]) }
    while i < left.upperBound, j < right.upperBound {
      if IndexWriter.precedes(r.labels.span, l.labels.span) {
        sorted.append(ids[j])
        j += 1
        if j < right.upperBound { try r.read(ids[j]) }
      } else {
        sorted.append(ids[i])
        i += 1
        if i < left.upperBound { try l.read(ids[i]) }
      }
    }
    sorted += ids[i..<left.upperBound]
    sorted += ids[j..<right.upperBound]
  }

  private mutating func countEqual() throws(BlockError) {
    var cursor = EditCursor(self)
    var previous: [LabelReference] = []
    var count = 0
    for id in ids {
      try cursor.read(id)
      count = cursor.labels == previous ? count + 1 : 1
      mostEqual = max(mostEqual, count)
      previous = cursor.labels
    }
  }
}

/// Reads series of the old block under their new labels.
struct EditCursor {
  private let index: IndexReader
  private let symbols: EditSymbols
  private let relabel: (@Sendable (LabelSet) -> LabelSet?)?
  private var references: [LabelReference] = []

  /// As ordinals of the new table.
  private(set) var labels: [LabelReference] = []
  private(set) var hash = LabelHash()
  private(set) var chunks: [ChunkSpan] = []

  init(_ plan: EditPlan) {
    index = plan.edit.input.index
    symbols = plan.symbols
    relabel = plan.edit.relabel
  }

  mutating func read(_ id: UInt32) throws(BlockError) {
    references.removeAll(keepingCapacity: true)
    chunks.removeAll(keepingCapacity: true)
    try index.appendSeries(id, labels: &references, chunks: &chunks)
    var new: LabelSet?
    if let relabel {
      let old = try index.labels(references)
      new = relabel(old)
      if new == old { new = nil }
    }
    hash = try symbols.translate(old: references, new: new, into: &labels)
  }
}

/// The series of an edit in order, a batch at a time.
struct EditReader {
  private static let seriesLimit = 256
  private static let chunkLimit = 2048

  private let ids: [UInt32]
  private var cursor: EditCursor
  private(set) var readCount = 0
  private var isRead = false

  init(_ plan: EditPlan) {
    ids = plan.ids
    cursor = EditCursor(plan)
  }

  /// Nil when there are no more.
  mutating func next() throws(BlockError) -> RewriteBatch? {
    var batch = RewriteBatch()
    while batch.series.count < Self.seriesLimit, batch.chunks.count < Self.chunkLimit,
      readCount < ids.count
    {
      try fetch()
      let labels = cursor.labels
      batch.beginSeries(labels, cursor.hash)
      var part = 0
      // Each series of the old block is an input of its own, so that what overlaps is merged.
      repeat {
        batch.addPart(part, id: ids[readCount], cursor.chunks)
        part += 1
        readCount += 1
        isRead = false
        guard readCount < ids.count else { break }
        try fetch()
      } while cursor.labels == labels
    }
    return batch.series.isEmpty ? nil : batch
  }

  private mutating func fetch() throws(BlockError) {
    guard !isRead else { return }
    try cursor.read(ids[readCount])
    isRead = true
  }
}
