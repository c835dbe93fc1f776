/// Writes the chunks that several blocks hold of one series, in time order.
struct SeriesMerge {
  let range: ClosedRange<Int64>
  let writer: BlockWriter
  private(set) var summary = BlockMerge.Summary()
  private var writtenBytes: UInt64 = 0
  private var pieces: [Piece] = []
  private var transcoder = ChunkTranscoder()

  init(range: ClosedRange<Int64>, writer: BlockWriter) {
    self.range = range
    self.writer = writer
  }

  /// A chunk of the result, still in the input or encoded anew.
  private struct Piece {
    var input: Int
    var minTime: Int64
    var maxTime: Int64
    var encoding: UInt8
    var checksum: UInt32
    var source: Source

    enum Source {
      case record(ByteSlice, Range<Int>)
      case bytes([UInt8])
    }

    var byteCount: Int {
      switch source {
      case .record(_, let range): range.count
      case .bytes(let bytes): bytes.count
      }
    }
  }

  /// Writes the current series of `inputs`, which has the same labels in all of them.
  mutating func merge(_ inputs: [Int], of cursors: [SeriesCursor]) throws(BlockMergeError) {
    pieces.removeAll(keepingCapacity: true)
    for input in inputs {
      try BlockMergeError.blaming(input) { () throws(BlockError) in
        try collect(input, cursors[input])
      }
    }
    guard let first = inputs.first, !pieces.isEmpty else { return }
    try sortPieces(cursors)
    writer.beginSeries(payloadByteCounts: pieces.map(\.byteCount))
    try BlockMergeError.blaming(nil) { () throws(BlockError) in
      for piece in pieces { try write(piece) }
      try writer.endSeries(labels: cursors[first].labels)
    }
    summary.series += 1
  }

  func progress(read: Int, total: Int) -> BlockMerge.Progress {
    BlockMerge.Progress(
      readSeries: read, totalSeries: total, writtenSamples: writer.stats.samples,
      writtenBytes: writtenBytes)
  }

  private mutating func collect(_ input: Int, _ cursor: SeriesCursor) throws(BlockError) {
    let trim = ChunkTrim(
      range: range, deletions: cursor.block.tombstones.intervals(ofSeries: cursor.id))
    for chunk in cursor.chunks {
      let decision = trim.decision(for: chunk)
      if decision == .drop { continue }
      let segment = try cursor.chunkReader.segment(of: chunk.location)
      let record = try segment.record(at: chunk.location.offset)
      let place = SegmentPlace(path: segment.path, offset: chunk.location.offset)
      let file = segment.file
      let payload = file.bytes.extracting(record.payload)
      if case .cut(let deletions) = decision {
        guard
          let recut = try place.naming({ () throws(BlockError) in
            try ChunkTrim.recut(
              ChunkEncoding(rawValue: record.encoding), payload, deleting: deletions,
              with: &transcoder)
          })
        else { continue }
        var checksum = CRC32C([record.encoding].rawSpan)
        checksum.update(recut.payload)
        append(
          Piece(
            input: input, minTime: recut.minTime, maxTime: recut.maxTime,
            encoding: record.encoding, checksum: checksum.value, source: .bytes(recut.payload)),
          labels: cursor.hash, samples: recut.sampleCount)
      } else {
        let samples = try place.naming { () throws(BlockError) in
          try Self.sampleCount(record.encoding, payload)
        }
        append(
          Piece(
            input: input, minTime: chunk.minTime, maxTime: chunk.maxTime,
            encoding: record.encoding, checksum: record.checksum,
            source: .record(file, record.payload)),
          labels: cursor.hash, samples: samples)
      }
    }
  }

  private static func sampleCount(_ encoding: UInt8, _ payload: RawSpan) throws(BlockError) -> Int {
    do {
      return try ChunkEncoding(rawValue: encoding).sampleCount(of: payload)
    } catch {
      throw BlockError(
        .unsupportedEncoding, section: "chunk",
        detail: "encoding \(encoding) does not tell how many samples it has")
    }
  }

  private mutating func append(_ piece: Piece, labels: LabelHash, samples: Int) {
    summary.fingerprint.add(
      labels: labels, minTime: piece.minTime, maxTime: piece.maxTime, checksum: piece.checksum,
      samples: samples)
    pieces.append(piece)
  }

  /// - Throws: ``BlockMergeError`` with the code `overlap` when two chunks claim the same time.
  private mutating func sortPieces(_ cursors: [SeriesCursor]) throws(BlockMergeError) {
    pieces.sort { ($0.minTime, $0.maxTime) < ($1.minTime, $1.maxTime) }
    for (piece, next) in zip(pieces, pieces.dropFirst()) where next.minTime <= piece.maxTime {
      // The block whose chunk leaves its own range is to blame; if none does, the later one.
      let block = cursors[piece.input].block
      let isBeyond = piece.input != next.input && piece.maxTime >= block.meta.maxTime
      let input = isBeyond ? piece.input : next.input
      let cursor = cursors[input]
      let labels = (try? cursor.labelSet)?.description ?? "series"
      throw BlockMergeError(
        input: input,
        cause: BlockError(
          .overlap, path: cursor.block.index.path, section: "series",
          offset: cursor.block.index.seriesOffset(cursor.id),
          detail: "\(labels) has a chunk from \(next.minTime) to \(next.maxTime) and one from "
            + "\(piece.minTime) to \(piece.maxTime), which overlap"))
    }
  }

  private mutating func write(_ piece: Piece) throws(BlockError) {
    writtenBytes += UInt64(piece.byteCount)
    switch piece.source {
    case .record(let file, let range):
      try writer.appendChunk(
        minTime: piece.minTime, maxTime: piece.maxTime, encoding: piece.encoding,
        payload: file.bytes.extracting(range), checksum: piece.checksum)
    case .bytes(let bytes):
      try writer.appendChunk(
        minTime: piece.minTime, maxTime: piece.maxTime, encoding: piece.encoding,
        payload: bytes.rawSpan, checksum: piece.checksum)
    }
  }
}

/// Names the chunk in errors about its contents.
private struct SegmentPlace {
  var path: String
  var offset: Int

  func naming<Value>(_ body: () throws(BlockError) -> Value) throws(BlockError) -> Value {
    do {
      return try body()
    } catch {
      var named = error.inFile(path)
      named.offset = offset
      throw named
    }
  }
}
