/// Writes the chunks that several blocks hold of one series, in time order.
struct SeriesMerge {
  let range: ClosedRange<Int64>
  let overlaps: OverlapPolicy
  let writer: BlockWriter
  private(set) var summary = BlockMerge.Summary()
  private var writtenBytes: UInt64 = 0
  private var chunks: [MergeChunk] = []
  private var transcoder = ChunkTranscoder()
  private var overlapMerge: OverlapMerge

  init(range: ClosedRange<Int64>, overlaps: OverlapPolicy, writer: BlockWriter) {
    self.range = range
    self.overlaps = overlaps
    self.writer = writer
    overlapMerge = OverlapMerge(overlaps)
  }

  /// Writes the current series of `inputs`, which has the same labels in all of them.
  mutating func merge(_ inputs: [Int], of cursors: [SeriesCursor]) throws(BlockMergeError) {
    chunks.removeAll(keepingCapacity: true)
    for input in inputs {
      try BlockMergeError.blaming(input) { () throws(BlockError) in
        try collect(input, cursors[input])
      }
    }
    guard let first = inputs.first, !chunks.isEmpty else { return }
    try order(cursors)
    for chunk in chunks {
      summary.fingerprint.add(
        labels: cursors[first].hash, minTime: chunk.minTime, maxTime: chunk.maxTime,
        checksum: chunk.checksum, samples: chunk.sampleCount)
    }
    writer.beginSeries(payloadByteCounts: chunks.map(\.byteCount))
    try BlockMergeError.blaming(nil) { () throws(BlockError) in
      for chunk in chunks { try write(chunk) }
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
        chunks.append(
          MergeChunk(
            input: input, location: chunk.location, minTime: recut.minTime, maxTime: recut.maxTime,
            encoding: ChunkEncoding(rawValue: record.encoding), payload: recut.payload,
            sampleCount: recut.sampleCount))
      } else {
        let samples = try place.naming { () throws(BlockError) in
          try Self.sampleCount(record.encoding, payload)
        }
        chunks.append(
          MergeChunk(
            input: input, location: chunk.location, minTime: chunk.minTime, maxTime: chunk.maxTime,
            encoding: ChunkEncoding(rawValue: record.encoding), checksum: record.checksum,
            sampleCount: samples, source: .record(file, record.payload)))
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

  /// Brings the chunks into the order of time and merges those that overlap.
  ///
  /// - Throws: ``BlockMergeError`` with the code `overlap` when two chunks claim the same time and
  ///   overlaps are refused.
  private mutating func order(_ cursors: [SeriesCursor]) throws(BlockMergeError) {
    guard !zip(chunks, chunks.dropFirst()).allSatisfy({ $0.maxTime < $1.minTime }) else { return }
    let collected = chunks
    chunks.sort { ($0.minTime, $0.maxTime) < ($1.minTime, $1.maxTime) }
    let pairs = zip(chunks, chunks.dropFirst())
    guard let (chunk, next) = pairs.first(where: { $1.minTime <= $0.maxTime }) else { return }
    guard overlaps != .refuse else { throw overlapError(chunk, next, cursors) }
    var streams: [[MergeChunk]] = []
    for chunk in collected {
      if let last = streams.last?.last, last.input == chunk.input {
        streams[streams.count - 1].append(chunk)
      } else {
        streams.append([chunk])
      }
    }
    do {
      chunks = try overlapMerge.merge(streams)
    } catch {
      let reader = cursors[error.input].chunkReader
      let cause = BlockError.decoding(error.cause, section: "chunk", offset: error.location.offset)
      let segment = try? reader.segment(of: error.location)
      throw BlockMergeError(input: error.input, cause: cause.inFile(segment?.path ?? "chunks"))
    }
  }

  private func overlapError(
    _ chunk: MergeChunk, _ next: MergeChunk, _ cursors: [SeriesCursor]
  ) -> BlockMergeError {
    // The block whose chunk leaves its own range is to blame; if none does, the later one.
    let block = cursors[chunk.input].block
    let isBeyond = chunk.input != next.input && chunk.maxTime >= block.meta.maxTime
    let input = isBeyond ? chunk.input : next.input
    let cursor = cursors[input]
    let labels = (try? cursor.labelSet)?.description ?? "series"
    return BlockMergeError(
      input: input,
      cause: BlockError(
        .overlap, path: cursor.block.index.path, section: "series",
        offset: cursor.block.index.seriesOffset(cursor.id),
        detail: "\(labels) has a chunk from \(next.minTime) to \(next.maxTime) and one from "
          + "\(chunk.minTime) to \(chunk.maxTime), which overlap"))
  }

  private mutating func write(_ chunk: MergeChunk) throws(BlockError) {
    writtenBytes += UInt64(chunk.byteCount)
    try chunk.withPayload { (payload) throws(BlockError) in
      try writer.appendChunk(
        minTime: chunk.minTime, maxTime: chunk.maxTime, encoding: chunk.encoding.rawValue,
        payload: payload, checksum: chunk.checksum)
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
