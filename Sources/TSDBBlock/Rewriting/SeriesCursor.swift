/// A position among the series of one block, with labels in the numbers of the merge.
struct SeriesCursor {
  let block: BlockReader
  private let map: SymbolMap
  private let ids: ArraySlice<UInt32>
  private var next: Int

  /// The current series.
  private(set) var id: UInt32 = 0
  /// Labels as ordinals of the ``SymbolUnion``.
  private(set) var labels: [LabelReference] = []
  private(set) var hash = LabelHash()
  private(set) var chunks: [ChunkSpan] = []
  private var previousLabels: [LabelReference] = []

  /// Memory: four bytes per series.
  init(_ block: BlockReader, map: SymbolMap) throws(BlockError) {
    self.init(block, map: map, try block.index.allPostings()[...])
  }

  /// Some series of the block, in their order.
  init(_ block: BlockReader, map: SymbolMap, _ ids: ArraySlice<UInt32>) {
    self.block = block
    self.map = map
    self.ids = ids
    next = ids.startIndex
  }

  var seriesCount: Int { ids.count }

  /// Moves to the next series; false behind the last one.
  ///
  /// - Throws: ``BlockError`` when the entry is damaged or the series does not sort behind the last.
  mutating func advance() throws(BlockError) -> Bool {
    guard next < ids.endIndex else { return false }
    id = ids[next]
    swap(&labels, &previousLabels)
    labels.removeAll(keepingCapacity: true)
    chunks.removeAll(keepingCapacity: true)
    try block.index.appendSeries(id, labels: &labels, chunks: &chunks)
    try translateLabels()
    guard next == ids.startIndex || IndexWriter.precedes(previousLabels.span, labels.span) else {
      throw misplaced("does not sort behind the one before it")
    }
    next += 1
    return true
  }

  private mutating func translateLabels() throws(BlockError) {
    hash = LabelHash()
    for position in labels.indices {
      guard let name = map.lookup(labels[position].name),
        let value = map.lookup(labels[position].value)
      else { throw misplaced("refers to a symbol that is not in the table") }
      hash.add(name.hash)
      hash.add(value.hash)
      labels[position] = LabelReference(name: name.ordinal, value: value.ordinal)
      guard position == 0 || labels[position - 1].name < name.ordinal else {
        throw misplaced("has labels out of order or twice")
      }
    }
    guard !labels.isEmpty else { throw misplaced("has no labels") }
  }

  private func misplaced(_ detail: String) -> BlockError {
    BlockError(
      .malformed, path: block.index.path, section: "series",
      offset: block.index.seriesOffset(id), detail: detail)
  }

  /// Label order: negative, zero or positive.
  static func order(_ left: [LabelReference], _ right: [LabelReference]) -> Int {
    for position in 0..<min(left.count, right.count) {
      let (l, r) = (left[position], right[position])
      if l.name != r.name { return l.name < r.name ? -1 : 1 }
      if l.value != r.value { return l.value < r.value ? -1 : 1 }
    }
    return left.count - right.count
  }
}
