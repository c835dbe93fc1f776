/// A block read back from beginning to end.
///
/// Everything that has a checksum is compared with it; symbols, series, labels and chunks must
/// stand in order; postings must name as many series as there are labels.
///
///     series   │ part │ part │ part │ …     some at a time on all threads, each begun one series
///                                           early, so that the order is compared there, too
///     lists    read beside the first parts
public struct BlockVerification: Sendable {
  /// To compare with that of a merge.
  public private(set) var fingerprint = BlockFingerprint()
  /// Series read.
  public private(set) var series: UInt64 = 0
  /// What Thanos puts into `thanos.index_stats`.
  public private(set) var indexStats = ThanosMeta.IndexStats()
  private var labelCount = 0

  private static let seriesPerPart = 1024
  private static let partsPerThread = 4

  /// Reads the block in `directory`.
  ///
  /// - Parameters:
  ///   - directory: of the block.
  ///   - threads: that read at the same time at most.
  ///   - proceed: asked on this thread from time to time, with the number of series read so far;
  ///     false stops the reading.
  /// - Returns: nil when the reading was stopped.
  /// - Throws: ``BlockError`` for the first damage found.
  public static func read(
    directory: String, threads: Int = 1, proceed: (_ readSeries: Int) -> Bool = { _ in true }
  ) throws(BlockError) -> BlockVerification? {
    let block = try BlockReader(directory: directory)
    let source = try VerificationSource(block)
    let partCount = (source.ids.count + seriesPerPart - 1) / seriesPerPart
    let step = threads > 1 ? threads * partsPerThread : 1
    var all = BlockVerification()
    var entries = 0
    for start in stride(from: 0, to: max(partCount, 1), by: step) {
      guard proceed(start * seriesPerPart) else { return nil }
      let numbers = start..<min(start + step, partCount)
      // The lists are one more part at the beginning.
      let lists = start == 0 ? 1 : 0
      let results = Parallel.map(numbers.count + lists, threads: threads) {
        number -> Result<Part, BlockError> in
        do throws(BlockError) {
          return .success(
            number < lists
              ? .entries(try source.countPostings())
              : .series(try source.read(part: numbers.lowerBound + number - lists)))
        } catch {
          return .failure(error)
        }
      }
      // Damage of series is told before damage of lists, as one thread finds it.
      for result in results.dropFirst(lists) + results.prefix(lists) {
        switch try result.get() {
        case .entries(let count): entries = count
        case .series(let part): all.add(part)
        }
      }
    }
    guard entries == all.labelCount else {
      throw BlockError(
        .malformed, path: block.index.path, section: "postings",
        detail: "have \(entries) entries, the series have \(all.labelCount) labels")
    }
    return all
  }

  private enum Part: Sendable {
    case series(BlockVerification)
    case entries(Int)
  }

  private mutating func add(_ other: BlockVerification) {
    fingerprint.add(other.fingerprint)
    series += other.series
    indexStats.seriesMaxSize = max(indexStats.seriesMaxSize, other.indexStats.seriesMaxSize)
    indexStats.chunkMaxSize = max(indexStats.chunkMaxSize, other.indexStats.chunkMaxSize)
    labelCount += other.labelCount
  }

  // MARK: One part

  /// The block that is read, and what all parts need.
  private struct VerificationSource: Sendable {
    let block: BlockReader
    // The block would be locked for each chunk that is asked of it.
    let chunks: ChunkReader
    let map: SymbolMap
    let ids: [UInt32]

    init(_ block: BlockReader) throws(BlockError) {
      self.block = block
      chunks = try block.chunks
      do {
        map = try SymbolUnion(of: [block.index]) { (_) throws(BlockError) in }.maps[0]
      } catch {
        throw error.cause
      }
      ids = try block.index.allPostings()
    }

    func read(part number: Int) throws(BlockError) -> BlockVerification {
      let start = number * seriesPerPart
      var part = BlockVerification()
      var cursor = SeriesCursor(
        block, map: map, ids[max(start - 1, 0)..<min(start + seriesPerPart, ids.count)])
      var records = RecordCursor(chunks)
      var previousID: UInt32?
      if start > 0 {
        _ = try cursor.advance()
        previousID = cursor.id
      }
      while try cursor.advance() {
        if let previousID {
          let size = block.index.seriesOffset(cursor.id) - block.index.seriesOffset(previousID)
          part.indexStats.seriesMaxSize = max(part.indexStats.seriesMaxSize, Int64(size))
        }
        previousID = cursor.id
        part.series += 1
        part.labelCount += cursor.labels.count
        try part.readChunks(of: cursor, &records)
      }
      return part
    }

    /// Entries of all lists of labels.
    func countPostings() throws(BlockError) -> Int {
      var entries = 0
      let index = block.index
      let offsets = try index.postingsOffsets
      for name in try index.labelNames() where !name.isEmpty {
        try offsets.forEachValue(of: name) { (_, offset) throws(BlockError) in
          entries += try index.postingsList(at: offset).count
          return true
        }
      }
      return entries
    }
  }

  private mutating func readChunks(
    of cursor: SeriesCursor, _ records: inout RecordCursor
  ) throws(BlockError) {
    var end: Int64?
    for (position, chunk) in cursor.chunks.enumerated() {
      guard chunk.minTime <= chunk.maxTime, end.map({ chunk.minTime > $0 }) ?? true else {
        throw BlockError(
          .malformed, path: cursor.block.index.path, section: "series",
          offset: cursor.block.index.seriesOffset(cursor.id), detail: "has chunks out of order")
      }
      end = chunk.maxTime
      let record = try records.record(at: chunk.location)
      let samples = try records.naming(chunk.location) { () throws(BlockError) in
        do throws(DecodeError) {
          return try records.sampleCount(of: record)
        } catch {
          throw BlockError.decoding(error, section: "chunk", offset: chunk.location.offset)
        }
      }
      fingerprint.add(
        labels: cursor.hash, minTime: chunk.minTime, maxTime: chunk.maxTime,
        checksum: record.checksum, samples: samples)
      noteChunkSize(at: position, of: cursor.chunks)
    }
  }

  /// The reference measures only chunks with two successors, by the distance to the next one.
  private mutating func noteChunkSize(at position: Int, of chunks: [ChunkSpan]) {
    guard position + 2 < chunks.count else { return }
    let (location, next) = (chunks[position].location, chunks[position + 1].location)
    guard location.segment == next.segment else { return }
    indexStats.chunkMaxSize = max(indexStats.chunkMaxSize, Int64(next.offset - location.offset))
  }
}
