/// Postings that did not fit into memory: sorted runs in a spill file, merged at the end.
///
///     run: { uvarint Δ key · uvarint count · count × uvarint Δ id }*
///
///     run 0  a:1 2   b:1     c:2 3          a  1 2 · 4
///     run 1  a:4     b:4 5          ──►     b  1 · 4 5
///     run 2          b:7     d:7            b's third part · 7, then c, then d
///
/// Runs follow each other in time, so the parts of a list concatenate, and their counts, known
/// from the heads, add up before the first id is written.
struct PostingsRuns {
  private let file: SpillFile
  private var ranges: [Range<Int>] = []
  private let windowByteCount: Int

  /// - Parameter path: of the spill file.
  init(path: String, windowByteCount: Int = 1 << 16) {
    file = SpillFile(path: path)
    self.windowByteCount = windowByteCount
  }

  var isEmpty: Bool { ranges.isEmpty }

  /// Writes what `postings` holds as the next run.
  mutating func append(_ postings: PostingsAccumulator) throws(BlockError) {
    let start = file.count
    var writer = RunWriter(file: file)
    try postings.emit(into: &writer)
    try writer.finish()
    ranges.append(start..<file.count)
  }

  /// Hands every list of all runs to `sink`, in the order of the keys.
  func emit(into sink: inout some PostingsSink) throws(BlockError) {
    var readers: [RunReader] = []
    for range in ranges {
      var reader = RunReader(SpillReader(file, range, windowByteCount: windowByteCount))
      if try reader.advance() { readers.append(reader) }
    }
    // Indices of readers, sorted by key and then by run, the next one last.
    var order = readers.indices.sorted { Self.follows(readers, $0, $1) }
    var parts: [Int] = []
    var batch: [UInt32] = []
    while let first = order.last {
      let key = readers[first].key
      parts.removeAll(keepingCapacity: true)
      var count = 0
      while let next = order.last, readers[next].key == key {
        order.removeLast()
        parts.append(next)
        count &+= readers[next].count
      }
      try sink.beginList(key, count: count)
      for part in parts {
        while try readers[part].readBatch(&batch) { try sink.append(batch.span) }
        if try readers[part].advance() { Self.insert(part, into: &order, readers) }
      }
      try sink.endList()
    }
  }

  private static func follows(_ readers: [RunReader], _ left: Int, _ right: Int) -> Bool {
    readers[left].key == readers[right].key ? left > right : readers[left].key > readers[right].key
  }

  private static func insert(_ reader: Int, into order: inout [Int], _ readers: [RunReader]) {
    var low = 0
    var high = order.count
    while low < high {
      let middle = (low + high) / 2
      if follows(readers, order[middle], reader) { low = middle + 1 } else { high = middle }
    }
    order.insert(reader, at: low)
  }
}

/// Encodes one run.
private struct RunWriter: PostingsSink {
  let file: SpillFile
  private var bytes: [UInt8] = []
  private var previousKey: UInt64 = 0
  private var previousID: UInt32 = 0

  init(file: SpillFile) { self.file = file }

  mutating func beginList(_ key: PostingsKey, count: Int) {
    bytes.append(uvarint: key.rawValue &- previousKey)
    bytes.append(uvarint: UInt64(count))
    previousKey = key.rawValue
    previousID = 0
  }

  mutating func append(_ ids: Span<UInt32>) throws(BlockError) {
    var previous = previousID
    for index in ids.indices {
      bytes.append(uvarint: UInt64(ids[index] &- previous))
      previous = ids[index]
    }
    previousID = previous
    if bytes.count >= 1 << 14 { try file.take(&bytes) }
  }

  mutating func endList() {}

  mutating func finish() throws(BlockError) { try file.take(&bytes) }
}

/// Stands at a list of a run.
private struct RunReader {
  private var source: SpillReader
  private(set) var key = PostingsKey.all
  /// Ids of the list.
  private(set) var count = 0
  private var left = 0
  private var previousID: UInt32 = 0

  private static let batchCount = 4096

  init(_ source: SpillReader) { self.source = source }

  /// Moves to the next list; false behind the last one. The ids of this one have been read.
  mutating func advance() throws(BlockError) -> Bool {
    guard !source.isAtEnd else { return false }
    key = PostingsKey(rawValue: key.rawValue &+ (try source.uvarint()))
    count = Int(truncatingIfNeeded: try source.uvarint())
    left = count
    previousID = 0
    return true
  }

  /// Replaces `batch` by the next ids of the list; false when none are left.
  mutating func readBatch(_ batch: inout [UInt32]) throws(BlockError) -> Bool {
    batch.removeAll(keepingCapacity: true)
    guard left > 0 else { return false }
    let wanted = min(left, Self.batchCount)
    var id = previousID
    for _ in 0..<wanted {
      id &+= UInt32(truncatingIfNeeded: try source.uvarint())
      batch.append(id)
    }
    previousID = id
    left &-= wanted
    return true
  }
}
