/// A block read back from beginning to end.
///
/// Everything that has a checksum is compared with it; symbols, series, labels and chunks must
/// stand in order; postings must name as many series as there are labels.
public struct BlockVerification: Sendable {
  /// To compare with that of a merge.
  public private(set) var fingerprint = BlockFingerprint()
  /// Series read.
  public private(set) var series: UInt64 = 0
  /// What Thanos puts into `thanos.index_stats`.
  public private(set) var indexStats = ThanosMeta.IndexStats()
  private var labelCount = 0

  private static let seriesPerCheck = 1024

  /// Reads the block in `directory`.
  ///
  /// - Parameters:
  ///   - directory: of the block.
  ///   - proceed: asked every thousand series; false stops the reading.
  /// - Returns: nil when the reading was stopped.
  /// - Throws: ``BlockError`` for the first damage found.
  public static func read(
    directory: String, proceed: () -> Bool = { true }
  ) throws(BlockError) -> BlockVerification? {
    let block = try BlockReader(directory: directory)
    var verification = BlockVerification()
    guard try verification.readSeries(of: block, proceed) else { return nil }
    try verification.readPostings(of: block.index)
    return verification
  }

  private mutating func readSeries(
    of block: BlockReader, _ proceed: () -> Bool
  ) throws(BlockError) -> Bool {
    var cursor: SeriesCursor
    do {
      let union = try SymbolUnion(of: [block.index]) { (_) throws(BlockError) in }
      cursor = try BlockMergeError.blaming(0) { () throws(BlockError) in
        try SeriesCursor(block, map: union.maps[0])
      }
    } catch {
      throw error.cause
    }
    var previousID: UInt32?
    while try cursor.advance() {
      if Int(series) % Self.seriesPerCheck == 0, !proceed() { return false }
      if let previousID {
        let size = block.index.seriesOffset(cursor.id) - block.index.seriesOffset(previousID)
        indexStats.seriesMaxSize = max(indexStats.seriesMaxSize, Int64(size))
      }
      previousID = cursor.id
      series += 1
      labelCount += cursor.labels.count
      try readChunks(of: cursor)
    }
    return true
  }

  private mutating func readChunks(of cursor: SeriesCursor) throws(BlockError) {
    var end: Int64?
    for (position, chunk) in cursor.chunks.enumerated() {
      guard chunk.minTime <= chunk.maxTime, end.map({ chunk.minTime > $0 }) ?? true else {
        throw BlockError(
          .malformed, path: cursor.block.index.path, section: "series",
          offset: cursor.block.index.seriesOffset(cursor.id), detail: "has chunks out of order")
      }
      end = chunk.maxTime
      let segment = try cursor.block.chunks.segment(of: chunk.location)
      let record = try segment.record(at: chunk.location.offset)
      let file = segment.file
      let samples: Int
      do throws(DecodeError) {
        samples = try ChunkEncoding(rawValue: record.encoding)
          .sampleCount(of: file.bytes.extracting(record.payload))
      } catch {
        throw BlockError.decoding(error, section: "chunk", offset: chunk.location.offset)
          .inFile(segment.path)
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

  private func readPostings(of index: IndexReader) throws(BlockError) {
    var entries = 0
    let offsets = try index.postingsOffsets
    for name in try index.labelNames() where !name.isEmpty {
      try offsets.forEachValue(of: name) { (_, offset) throws(BlockError) in
        entries += try index.postingsList(at: offset).count
        return true
      }
    }
    guard entries == labelCount else {
      throw BlockError(
        .malformed, path: index.path, section: "postings",
        detail: "have \(entries) entries, the series have \(labelCount) labels")
    }
  }
}
