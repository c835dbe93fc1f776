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
  /// Nil when the block is too damaged to find any series in it.
  private let decoding: SeriesDecoding?
  private var ids: [UInt32] = []
  private var nextID = 0
  private var openSegments: ChunkReader?

  private var scratch: Scratch
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
    scratch = Scratch()
    scratch.assembler = LabelAssembler(
      externals: block.externalLabels, removedNames: removedNames)
    var breaksOrder = false
    let decoding: SeriesDecoding
    do throws(BlockError) {
      decoding = try SeriesDecoding(block, filter: filter)
      let selection = try block.index.select(matchers)
      ids = selection.ids
      scratch.tests = selection.remaining.map(MatcherTest.init)
      breaksOrder = try block.hasLabel(
        namedIn: removedNames.union(block.externalLabels.map(\.name)))
    } catch {
      self.decoding = nil
      try damage.note(error, in: block.id)
      return
    }
    self.decoding = decoding
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
    SeriesWindow.compare(
      scratch.window, order[position], other.scratch.window, other.order[other.position])
  }

  /// Calls `body` with the final labels of the current series, in wire form.
  func withLabels(_ body: (RawSpan) -> Void) {
    scratch.window.withLabels(at: order[position], body)
  }

  /// Begins a series with the current labels.
  func beginSeries(in batch: inout SeriesBatch) {
    scratch.window.withLabels(at: order[position]) { batch.appendSeries(labels: $0) }
  }

  /// Whether the current labels are those of the last series of `batch`.
  func continuesLastSeries(of batch: SeriesBatch) -> Bool {
    let last = batch.labelRange(at: batch.count - 1)
    return scratch.window.withLabels(at: order[position]) { labels in
      ByteOrder.equal(batch.labels.rawSpan.extracting(last), labels)
    }
  }

  /// Where the chunks of the current series stand, for ``chunk(at:)``.
  var chunks: Range<Int> { scratch.window.chunkRange(at: order[position]) }

  func chunk(at index: Int) -> ChunkSpan { scratch.window.chunks[index] }

  /// The segments of the block, or nil when they cannot be opened, which is noted.
  func segments(_ damage: inout DamageLog) throws(QueryError) -> ChunkReader? {
    if let openSegments { return openSegments }
    do throws(BlockError) {
      openSegments = try block.segments
    } catch {
      try damage.note(error, in: block.id)
    }
    return openSegments
  }

  func advance(_ damage: inout DamageLog) throws(QueryError) {
    position &+= 1
    if isAtEnd { try fill(&damage) }
  }

  /// Decodes the next window; leaves the cursor at its end when there are no more series.
  private func fill(_ damage: inout DamageLog) throws(QueryError) {
    // The state of the loop is taken out of the object: fields of a class are checked for
    // exclusive access at every touch.
    var scratch = Scratch()
    swap(&scratch, &self.scratch)
    var order: [Int] = []
    swap(&order, &self.order)
    var holdBack = self.holdBack
    defer {
      swap(&scratch, &self.scratch)
      swap(&order, &self.order)
      self.holdBack = holdBack
    }
    order.removeAll(keepingCapacity: true)
    position = 0
    if holdBack == nil {
      scratch.window.removeAll()
    } else {
      holdBack?.carryOver(in: &scratch.window)
    }
    let first = scratch.window.count
    let ids = ids
    guard let decoding else { return }
    var next = nextID
    defer { nextID = next }
    while next < ids.count {
      let id = ids[next]
      next &+= 1
      guard try decoding.decode(id, into: &scratch, &damage) else { continue }
      if holdBack == nil {
        order.append(scratch.window.count &- 1)
      } else {
        holdBack?.admit(scratch.window.count &- 1, in: scratch.window, released: &order)
      }
      let isFull =
        scratch.window.count &- first >= Self.windowSeries
        || scratch.window.labels.count >= Self.windowBytes
        || scratch.window.chunks.count >= Self.windowChunks
      if isFull, !order.isEmpty { return }
    }
    holdBack?.finish(released: &order)
  }

  /// Puts `ids` in the order of the final labels and drops those the query does not want.
  private func sortIDs(_ damage: inout DamageLog) throws(QueryError) {
    guard let decoding else { return }
    var kept: [UInt32] = []
    for id in ids where try decoding.decode(id, into: &scratch, &damage) {
      kept.append(id)
      scratch.window.forgetLastChunks()
    }
    let window = scratch.window
    let sorted = kept.indices.sorted { left, right in
      let order = SeriesWindow.compare(window, left, window, right)
      return order != 0 ? order < 0 : left < right
    }
    ids = sorted.map { kept[$0] }
    scratch.window = SeriesWindow()
  }
}
