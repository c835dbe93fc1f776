/// Puts the chunks that several blocks hold of a series in order of time, and merges those that
/// claim the same time.
package struct SeriesMerge: SeriesTransform {
  private let inputs: [SeriesInput]
  private var records: [RecordCursor]
  /// Chunks beyond it are dropped or cut.
  private let range: ClosedRange<Int64>
  private let overlaps: OverlapPolicy
  /// What to delete of the series of all inputs; nil for what the tombstones of each say.
  private let deletions: Tombstones?
  private var aggregateCut = AggregateCut()
  private var transcoder = ChunkTranscoder()
  private var overlapMerge: OverlapMerge
  /// Downsamples what was merged, if anybody wants it.
  private var downsample: MergeDownsample?
  /// The chunks of the series under way, and the data of those encoded anew.
  private var chunks: [SeriesChunk] = []
  private var bytes: [UInt8] = []

  init(
    _ inputs: [SeriesInput], range: ClosedRange<Int64>, overlaps: OverlapPolicy,
    deleting deletions: Tombstones? = nil, downsample: MergeDownsample? = nil
  ) {
    self.inputs = inputs
    records = inputs.map { RecordCursor($0.chunks) }
    self.range = range
    self.overlaps = overlaps
    self.deletions = deletions
    self.downsample = downsample
    overlapMerge = OverlapMerge(overlaps)
  }

  package mutating func transform(
    _ batch: RewriteBatch, into output: inout RewriteOutput
  ) throws(BlockMergeError) {
    output.removeAll()
    for series in batch.series {
      chunks.removeAll(keepingCapacity: true)
      bytes.removeAll(keepingCapacity: true)
      for part in batch.parts[series.parts] {
        try BlockMergeError.blaming(part.input) { () throws(BlockError) in
          try collect(part, batch)
        }
      }
      if !isOrdered { try order(batch.parts[series.parts]) }
      for index in chunks.indices { try write(chunks[index], to: &output.series) }
      output.series.endSeries(series, of: batch)
      downsample?.downsample(chunks, bytes, &records, into: &output)
      output.aside.endSeries(series, of: batch)
    }
  }

  private mutating func write(
    _ chunk: SeriesChunk, to output: inout SeriesRecords
  ) throws(BlockMergeError) {
    switch chunk.source {
    case .bytes:
      output.append(chunk.head, payload: bytes.rawSpan.extracting(chunk.range))
    case .record:
      try BlockMergeError.blaming(chunk.input) { () throws(BlockError) in
        try output.append(
          chunk.head, at: chunk.location, chunk.range, of: &records[chunk.input])
      }
    }
  }

  private var isOrdered: Bool {
    for index in chunks.indices.dropFirst()
    where chunks[index].head.minTime <= chunks[index - 1].head.maxTime { return false }
    return true
  }

  /// Adds the chunks of one input, verified, and trimmed where they reach too far.
  private mutating func collect(
    _ part: RewriteBatch.Part, _ batch: RewriteBatch
  ) throws(BlockError) {
    let input = inputs[part.input]
    let trim = ChunkTrim(
      range: range, deletions: (deletions ?? input.block.tombstones).intervals(ofSeries: part.id))
    for chunk in batch.chunks[part.chunks] {
      let decision = trim.decision(for: chunk)
      if decision == .drop { continue }
      let record = try records[part.input].record(at: chunk.location)
      let encoding = ChunkEncoding(rawValue: record.encoding)
      guard case .cut(let deletions) = decision else {
        let samples = try records[part.input].statedSampleCount(of: record, at: chunk.location)
        chunks.append(
          SeriesChunk(
            input: part.input, location: chunk.location,
            head: ChunkHead(
              minTime: chunk.minTime, maxTime: chunk.maxTime, encoding: encoding,
              checksum: record.checksum, sampleCount: samples,
              payloadByteCount: record.payload.count),
            source: .record, start: record.payload.lowerBound))
        continue
      }
      let place = records[part.input]
      let payload = place.bytes.extracting(record.payload)
      guard
        let recut = try place.naming(
          chunk.location,
          { () throws(BlockError) in
            if encoding == .aggregate, self.deletions != nil {
              return try aggregateCut.recut(payload, deleting: deletions)
            }
            return try ChunkTrim.recut(encoding, payload, deleting: deletions, with: &transcoder)
          })
      else { continue }
      append(
        MergeChunk(
          input: part.input, location: chunk.location, minTime: recut.minTime,
          maxTime: recut.maxTime, encoding: encoding, payload: recut.payload,
          sampleCount: recut.sampleCount))
    }
  }

  /// Brings the chunks into the order of time and merges those that overlap.
  ///
  /// - Throws: ``BlockMergeError`` with the code `overlap` when two chunks claim the same time and
  ///   overlaps are refused.
  private mutating func order(
    _ parts: ArraySlice<RewriteBatch.Part>
  ) throws(BlockMergeError) {
    let sorted = chunks.sorted {
      ($0.head.minTime, $0.head.maxTime) < ($1.head.minTime, $1.head.maxTime)
    }
    let pairs = zip(sorted, sorted.dropFirst())
    guard let (chunk, next) = pairs.first(where: { $1.head.minTime <= $0.head.maxTime }) else {
      chunks = sorted
      return
    }
    guard overlaps != .refuse else { throw overlapError(chunk, next, parts) }
    var streams: [[MergeChunk]] = []
    for chunk in chunks {
      let source = source(of: chunk)
      if let last = streams.last?.last, last.input == chunk.input {
        streams[streams.count - 1].append(MergeChunk(chunk, source))
      } else {
        streams.append([MergeChunk(chunk, source)])
      }
    }
    do {
      let merged = try overlapMerge.merge(streams)
      chunks.removeAll(keepingCapacity: true)
      for chunk in merged { append(chunk) }
    } catch {
      let segment = try? inputs[error.input].chunks.segment(of: error.location)
      let cause = BlockError.decoding(error.cause, section: "chunk", offset: error.location.offset)
      throw BlockMergeError(input: error.input, cause: cause.inFile(segment?.path ?? "chunks"))
    }
  }

  private func source(of chunk: SeriesChunk) -> MergeChunk.Source {
    switch chunk.source {
    case .bytes: .bytes(Array(bytes[chunk.range]))
    case .record:
      .record(inputs[chunk.input].chunks.segments[chunk.location.segment].file, chunk.range)
    }
  }

  private mutating func append(_ chunk: MergeChunk) {
    var place = SeriesChunk(
      input: chunk.input, location: chunk.location,
      head: ChunkHead(
        minTime: chunk.minTime, maxTime: chunk.maxTime, encoding: chunk.encoding,
        checksum: chunk.checksum, sampleCount: chunk.sampleCount,
        payloadByteCount: chunk.byteCount),
      source: .record, start: bytes.count)
    switch chunk.source {
    case .record(_, let range): place.start = range.lowerBound
    case .bytes(let payload):
      place.source = .bytes
      bytes += payload
    }
    chunks.append(place)
  }

  private func overlapError(
    _ chunk: SeriesChunk, _ next: SeriesChunk,
    _ parts: ArraySlice<RewriteBatch.Part>
  ) -> BlockMergeError {
    // The block whose chunk leaves its own range is to blame; if none does, the later one.
    let isBeyond =
      chunk.input != next.input && chunk.head.maxTime >= inputs[chunk.input].block.meta.maxTime
    let guilty = isBeyond ? chunk.input : next.input
    let id = parts.first { $0.input == guilty }?.id ?? 0
    let input = inputs[guilty]
    let labels = (try? input.labels(of: id))?.description ?? "series"
    return BlockMergeError(
      input: guilty,
      cause: BlockError(
        .overlap, path: input.block.index.path, section: "series",
        offset: input.block.index.seriesOffset(id),
        detail:
          "\(labels) has a chunk from \(next.head.minTime) to \(next.head.maxTime) and "
          + "one from \(chunk.head.minTime) to \(chunk.head.maxTime), which overlap"))
  }
}

extension MergeChunk {
  fileprivate init(_ chunk: SeriesChunk, _ source: Source) {
    self.init(
      input: chunk.input, location: chunk.location, minTime: chunk.head.minTime,
      maxTime: chunk.head.maxTime, encoding: chunk.head.encoding, checksum: chunk.head.checksum,
      sampleCount: chunk.head.sampleCount, source: source)
  }
}
