/// Series of a new block, ready to be written.
///
///     series   │ a                   │ b        │ …      labels, chunks and records of each
///     chunks   │ 1     │ 2    │ 3    │ 1        │ …      times, samples, size
///     records  │ len enc data crc │ len enc …   │ …      as they will stand in the segment
///
/// The records are put together on the thread that transforms, so that the one which writes has
/// little to do for each chunk.
struct SeriesRecords: Sendable {
  struct Series {
    var labels: Range<Int>
    var chunks: Range<Int>
    var records: Range<Int>
  }

  private(set) var series: [Series] = []
  private(set) var labels: [LabelReference] = []
  /// In order of series and time.
  private(set) var chunks: [ChunkHead] = []
  private(set) var records: [UInt8] = []
  private(set) var fingerprint = BlockFingerprint()
  /// Where the series under way begins.
  private var firstChunk = 0
  private var firstRecord = 0

  /// Forgets everything and keeps the memory.
  mutating func removeAll() {
    series.removeAll(keepingCapacity: true)
    labels.removeAll(keepingCapacity: true)
    chunks.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    fingerprint = BlockFingerprint()
    firstChunk = 0
    firstRecord = 0
  }

  /// Adds the next chunk of the series under way.
  mutating func append(_ chunk: ChunkHead, payload: RawSpan) {
    beginRecord(chunk)
    records.append(payload)
    endRecord(chunk)
  }

  /// Adds a chunk that stays as it is.
  ///
  /// - Parameters:
  ///   - location: of its record.
  ///   - payload: where its data lie in that segment.
  ///   - cursor: of its block.
  mutating func append(
    _ chunk: ChunkHead, at location: ChunkLocation, _ payload: Range<Int>,
    of cursor: inout RecordCursor
  ) throws(BlockError) {
    try cursor.move(to: location)
    beginRecord(chunk)
    cursor.append(payload, to: &records)
    endRecord(chunk)
  }

  private mutating func beginRecord(_ chunk: ChunkHead) {
    records.append(uvarint: UInt64(chunk.payloadByteCount))
    records.append(chunk.encoding.rawValue)
  }

  private mutating func endRecord(_ chunk: ChunkHead) {
    records.append(bigEndian: chunk.checksum)
    chunks.append(chunk)
  }

  /// Adds a chunk that was just encoded.
  mutating func append(_ chunk: DownsampledChunk) {
    let checksum = CRC32C(
      encoding: ChunkEncoding.aggregate.rawValue, payload: chunk.payload.rawSpan)
    append(
      ChunkHead(
        minTime: chunk.minTime, maxTime: chunk.maxTime, encoding: .aggregate,
        checksum: checksum.value, sampleCount: chunk.sampleCount,
        payloadByteCount: chunk.payload.count),
      payload: chunk.payload.rawSpan)
  }

  /// Ends the series under way; nothing is noted of one without chunks.
  mutating func endSeries(_ series: RewriteBatch.Series, of batch: RewriteBatch) {
    guard firstChunk < chunks.count else { return }
    let start = labels.count
    labels += batch.labels[series.labels]
    self.series.append(
      Series(
        labels: start..<labels.count, chunks: firstChunk..<chunks.count,
        records: firstRecord..<records.count))
    for index in firstChunk..<chunks.count {
      let chunk = chunks[index]
      fingerprint.add(
        labels: series.hash, minTime: chunk.minTime, maxTime: chunk.maxTime,
        checksum: chunk.checksum, samples: chunk.sampleCount)
    }
    firstChunk = chunks.count
    firstRecord = records.count
  }

  /// Writes the series behind those written before.
  func write(to writer: BlockWriter) throws(BlockError) {
    for one in series {
      try writer.addSeries(
        labels: labels.span.extracting(one.labels), chunks: chunks.span.extracting(one.chunks),
        records: records.rawSpan.extracting(one.records))
    }
  }
}
