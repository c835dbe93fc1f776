/// Reads the series of several blocks in order of their labels, a batch at a time.
///
///     series of A, B, …  ──►  k-way merge by ordinals  ──►  batches        integers, no strings
struct RewriteReader {
  /// A batch is full when it has one of these.
  private static let seriesLimit = 1024
  private static let chunkLimit = 4096

  private var cursors: [SeriesCursor] = []
  private var heap = MergeHeap()
  private var equal: [Int] = []
  /// Series of all inputs together.
  let seriesCount: Int
  private(set) var readCount = 0

  init(_ inputs: [BlockReader], _ union: SymbolUnion) throws(BlockMergeError) {
    var count = 0
    for (input, block) in inputs.enumerated() {
      let cursor = try BlockMergeError.blaming(input) { () throws(BlockError) in
        try SeriesCursor(block, map: union.maps[input])
      }
      count += cursor.seriesCount
      cursors.append(cursor)
    }
    seriesCount = count
    for input in cursors.indices { try advance(input) }
  }

  /// The next series; nil when there are no more.
  ///
  /// - Throws: ``BlockMergeError`` that names the input whose series is damaged or out of order.
  mutating func next() throws(BlockMergeError) -> RewriteBatch? {
    var batch = RewriteBatch()
    while batch.series.count < Self.seriesLimit, batch.chunks.count < Self.chunkLimit {
      guard let first = heap.pop({ Self.order(cursors, $0, $1) }) else { break }
      equal.removeAll(keepingCapacity: true)
      equal.append(first)
      while let other = heap.top, Self.order(cursors, first, other) == 0 {
        _ = heap.pop { Self.order(cursors, $0, $1) }
        equal.append(other)
      }
      batch.beginSeries(cursors[first].labels, cursors[first].hash)
      for input in equal {
        batch.addPart(input, id: cursors[input].id, cursors[input].chunks)
      }
      readCount += equal.count
      for input in equal { try advance(input) }
    }
    return batch.series.isEmpty ? nil : batch
  }

  private mutating func advance(_ input: Int) throws(BlockMergeError) {
    let hasMore = try BlockMergeError.blaming(input) { () throws(BlockError) in
      try cursors[input].advance()
    }
    if hasMore { heap.push(input) { Self.order(cursors, $0, $1) } }
  }

  // A cursor is many references; only its labels are to be counted.
  private static func order(_ cursors: [SeriesCursor], _ left: Int, _ right: Int) -> Int {
    SeriesCursor.order(cursors[left].labels, cursors[right].labels)
  }
}
