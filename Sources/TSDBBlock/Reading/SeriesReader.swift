/// Goes through the selected series of a block, one at a time, in the order of their labels.
///
///     next()            series entry, verified ──► labels, chunks that are wanted
///     read(_:into:)     chunk, verified ──► its samples that are wanted, as columns
///
/// A cursor in front of the first series; every value it reads is kept in memory that is used
/// again. Wanted is what lies in ``range`` and is not deleted.
///
///     var series = try block.series(matching: "up")
///     var samples = SampleColumns()
///     while try series.next() {
///       samples.removeAll()
///       try series.appendSamples(to: &samples)
///     }
///
/// Damage stays where it is: after ``next()`` has thrown, the following call goes on behind the
/// damaged series; after a chunk has thrown, the others can be read.
public struct SeriesReader: Sendable {
  /// Where the series come from.
  public let block: BlockReader
  /// Times of interest, both ends inclusive, in milliseconds.
  public let range: ClosedRange<Int64>
  /// Whether samples that tombstones hide are read nevertheless.
  public let includesDeleted: Bool

  /// The current series: its number in the index, see ``IndexReader/appendSeries(_:labels:chunks:)``.
  public private(set) var id: UInt32 = 0
  /// The labels of the current series, as the index stores them.
  public private(set) var labels = LabelSet()
  /// The chunks of the current series that may hold wanted samples, as the index lists them.
  public private(set) var chunks: [ChunkSpan] = []

  private(set) var filter: TimeFilter
  private let ids: [UInt32]
  private var position = 0
  private var references: [LabelReference] = []
  private var tests: [SeriesTest] = []

  init(
    _ block: BlockReader, _ selection: PostingsSelection, in range: ClosedRange<Int64>,
    includesDeleted: Bool
  ) throws(BlockError) {
    self.block = block
    self.range = range
    self.includesDeleted = includesDeleted
    filter = TimeFilter(range)
    ids = selection.ids
    guard !selection.remaining.isEmpty else { return }
    let symbols = try block.index.symbols
    tests = selection.remaining.map { SeriesTest($0, symbols: symbols) }
  }

  /// Moves to the next series; false behind the last one.
  ///
  /// Series without a chunk that may hold wanted samples are passed over.
  ///
  /// - Throws: ``BlockError`` when the entry of a series is damaged. There is no current series
  ///   then but its ``id``.
  /// - Complexity: O(labels and chunks of the series); nothing is allocated once the arrays have
  ///   grown, unless copies of ``labels`` or ``chunks`` were kept.
  public mutating func next() throws(BlockError) -> Bool {
    while position < ids.count {
      id = ids[position]
      position += 1
      do throws(BlockError) {
        if try readEntry() { return true }
      } catch {
        clear()
        throw error.inFile(block.index.path)
      }
    }
    clear()
    return false
  }

  /// Whether the series `id` is wanted; then it is the current one.
  private mutating func readEntry() throws(BlockError) -> Bool {
    clear()
    references.removeAll(keepingCapacity: true)
    try block.index.appendSeries(id, labels: &references, chunks: &chunks)
    for test in tests.indices {
      guard try tests[test].accepts(references) else { return false }
    }
    filter = TimeFilter(
      range, deletions: includesDeleted ? [] : block.tombstones.intervals(ofSeries: id))
    if !filter.passesEverything {
      let filter = filter
      chunks.removeAll { !filter.wants($0) }
    }
    guard !chunks.isEmpty else { return false }
    try block.index.symbols.appendLabels(references, to: &labels)
    return true
  }

  private mutating func clear() {
    labels.removeAll()
    chunks.removeAll(keepingCapacity: true)
  }
}
