internal import StoreAPI
internal import TSDBBlock

/// Walks the series of one block that a query selects, in the order of their final labels, holding
/// one window of them at a time.
///
///     series ids ─► decode ─► final labels ─► filter ─► window ─► hold back ─► order
///
/// Where labels inside the block collide with external or removed ones, the order of the index says
/// nothing about the final one: then labels, without chunks, are sorted before the first window.
final class BlockCursor {
  /// How many series are decoded at once, and after how many bytes of labels or chunks to stop
  /// earlier. A query holds one window per block: about 0.5 MiB each at most.
  private static let windowSeries = 512
  private static let windowBytes = 256 << 10
  private static let windowChunks = 8192

  let block: LoadedBlock
  private let filter: SeriesFilter
  private var ids: [UInt32] = []
  private var tests: [MatcherTest] = []
  private var nextID = 0

  private var assembler: LabelAssembler
  private var window = SeriesWindow()
  private var references: [LabelReference] = []
  /// Nil when `ids` are in final order already.
  private var holdBack: HoldBack?

  /// Positions in the window in final order, and which of them is the current one.
  private var order: [Int] = []
  private var position = 0

  /// Selects the series and stands at the first of them.
  ///
  /// Damage of the postings leaves the block empty, unless the query aborts at damage.
  ///
  /// - Parameter isOrdered: False for those who only look at the labels, in any order.
  init(
    _ block: LoadedBlock, selecting matchers: [LabelMatcher], filter: SeriesFilter,
    removing removedNames: Set<[UInt8]>, isOrdered: Bool = true, damage: inout DamageLog
  ) throws(QueryError) {
    self.block = block
    self.filter = filter
    assembler = LabelAssembler(externals: block.externalLabels, removedNames: removedNames)
    var breaksOrder = false
    do throws(BlockError) {
      let selection = try block.index.select(matchers)
      ids = selection.ids
      tests = selection.remaining.map(MatcherTest.init)
      breaksOrder = try block.hasLabel(
        namedIn: removedNames.union(block.externalLabels.map(\.name)))
    } catch {
      ids = []
      try damage.note(error, in: block.id)
    }
    if isOrdered, breaksOrder {
      try sortIDs(&damage)
    } else if isOrdered, !block.externalLabels.isEmpty {
      holdBack = HoldBack()
    }
    try fill(&damage)
  }

  var isAtEnd: Bool { position >= order.count }

  /// Order of the current series of two cursors, neither at its end.
  func compare(_ other: BlockCursor) -> Int {
    SeriesWindow.compare(window, order[position], other.window, other.order[other.position])
  }

  /// Calls `body` with the final labels of the current series, in wire form.
  func withLabels(_ body: (RawSpan) -> Void) {
    window.withLabels(at: order[position], body)
  }

  /// Begins a series with the current labels.
  func beginSeries(in batch: inout SeriesBatch) {
    window.withLabels(at: order[position]) { batch.appendSeries(labels: $0) }
  }

  /// Whether the current labels are those of the last series of `batch`.
  func continuesLastSeries(of batch: SeriesBatch) -> Bool {
    let last = batch.labelRange(at: batch.count - 1)
    return window.withLabels(at: order[position]) { labels in
      ByteOrder.equal(batch.labels.rawSpan.extracting(last), labels)
    }
  }

  /// Where the chunks of the current series stand, for ``chunk(at:)``.
  var chunks: Range<Int> { window.chunkRange(at: order[position]) }

  func chunk(at index: Int) -> ChunkSpan { window.chunks[index] }

  func advance(_ damage: inout DamageLog) throws(QueryError) {
    position &+= 1
    if isAtEnd { try fill(&damage) }
  }

  /// Decodes the next window; leaves the cursor at its end when there are no more series.
  private func fill(_ damage: inout DamageLog) throws(QueryError) {
    order.removeAll(keepingCapacity: true)
    position = 0
    if holdBack == nil { window.removeAll() } else { holdBack?.carryOver(in: &window) }
    let first = window.count
    while nextID < ids.count {
      let id = ids[nextID]
      nextID &+= 1
      guard try decode(id, &damage) else { continue }
      if holdBack == nil {
        order.append(window.count &- 1)
      } else {
        holdBack?.admit(window.count &- 1, in: window, released: &order)
      }
      let isFull =
        window.count &- first >= Self.windowSeries || window.labels.count >= Self.windowBytes
        || window.chunks.count >= Self.windowChunks
      if isFull, !order.isEmpty { return }
    }
    holdBack?.finish(released: &order)
  }

  /// Appends the series `id` to the window unless the query does not want it.
  private func decode(_ id: UInt32, _ damage: inout DamageLog) throws(QueryError) -> Bool {
    do throws(BlockError) {
      references.removeAll(keepingCapacity: true)
      let firstChunk = window.chunks.count
      try block.index.appendSeries(id, labels: &references, chunks: &window.chunks)
      if filter.trim(&window.chunks, from: firstChunk), try passesTests() {
        try assembler.append(references, to: &window.labels, resolve: block.symbol)
        if filter.shard.map({ window.withUnfinishedLabels($0.contains) }) ?? true {
          window.endSeries()
          return true
        }
      }
    } catch {
      window.dropUnfinished()
      try damage.note(error, in: block.id)
      return false
    }
    window.dropUnfinished()
    return false
  }

  private func passesTests() throws(BlockError) -> Bool {
    for index in tests.indices {
      guard try tests[index].accepts(references, resolve: block.symbol) else { return false }
    }
    return true
  }

  /// Puts `ids` in the order of the final labels and drops those the query does not want.
  private func sortIDs(_ damage: inout DamageLog) throws(QueryError) {
    var kept: [UInt32] = []
    for id in ids where try decode(id, &damage) {
      kept.append(id)
      window.forgetLastChunks()
    }
    let sorted = kept.indices.sorted { left, right in
      let order = SeriesWindow.compare(window, left, window, right)
      return order != 0 ? order < 0 : left < right
    }
    ids = sorted.map { kept[$0] }
    window = SeriesWindow()
  }
}
