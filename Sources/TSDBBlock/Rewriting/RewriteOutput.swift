/// What became of a batch of series, ready to be written.
///
/// A chunk is still a record of an input, or lies in ``bytes``.
package struct RewriteOutput: Sendable {
  struct Chunk {
    enum Source {
      /// A record of an input: its data in that file.
      case record
      /// A range of ``RewriteOutput/bytes``.
      case bytes
    }

    /// Position of the block it comes from among the inputs, and where in it; of one encoded anew,
    /// those of its first source.
    var input: Int
    var location: ChunkLocation
    /// Times of the first and the last sample, in milliseconds.
    var minTime: Int64
    var maxTime: Int64
    var encoding: ChunkEncoding
    /// CRC-32C of encoding and data.
    var checksum: UInt32
    var sampleCount: Int
    var source: Source
    /// Where the data lies.
    var range: Range<Int>
  }

  struct Series {
    var labels: Range<Int>
    var chunks: Range<Int>
  }

  private(set) var series: [Series] = []
  private(set) var labels: [LabelReference] = []
  /// In order of series and time.
  var chunks: [Chunk] = []
  /// Data of chunks encoded anew.
  var bytes: [UInt8] = []
  private(set) var fingerprint = BlockFingerprint()

  /// Ends a series whose chunks are those from `first` on; nothing is noted of one without.
  mutating func endSeries(_ series: RewriteBatch.Series, of batch: RewriteBatch, from first: Int) {
    guard first < chunks.count else { return }
    let start = labels.count
    labels += batch.labels[series.labels]
    self.series.append(
      Series(labels: start..<labels.count, chunks: first..<chunks.count))
    for chunk in chunks[first...] {
      fingerprint.add(
        labels: series.hash, minTime: chunk.minTime, maxTime: chunk.maxTime,
        checksum: chunk.checksum, samples: chunk.sampleCount)
    }
  }

  /// Adds a chunk that was just encoded.
  mutating func append(
    input: Int, location: ChunkLocation, minTime: Int64, maxTime: Int64,
    encoding: ChunkEncoding, payload: [UInt8], sampleCount: Int
  ) {
    let checksum = CRC32C(encoding: encoding.rawValue, payload: payload.rawSpan)
    let start = bytes.count
    bytes += payload
    chunks.append(
      Chunk(
        input: input, location: location, minTime: minTime, maxTime: maxTime, encoding: encoding,
        checksum: checksum.value, sampleCount: sampleCount, source: .bytes,
        range: start..<bytes.count))
  }

  /// Writes the series behind those written before.
  func write(to writer: BlockWriter, _ inputs: inout [RecordCursor]) throws(BlockError) {
    var sizes: [Int] = []
    for one in series {
      sizes.removeAll(keepingCapacity: true)
      for chunk in chunks[one.chunks] { sizes.append(chunk.range.count) }
      writer.beginSeries(payloadByteCounts: sizes)
      for index in one.chunks { try write(chunks[index], to: writer, &inputs) }
      try writer.endSeries(labels: labels.span.extracting(one.labels))
    }
  }

  private func write(
    _ chunk: Chunk, to writer: BlockWriter, _ inputs: inout [RecordCursor]
  ) throws(BlockError) {
    switch chunk.source {
    case .bytes:
      try writer.appendChunk(
        minTime: chunk.minTime, maxTime: chunk.maxTime, encoding: chunk.encoding.rawValue,
        payload: bytes.rawSpan.extracting(chunk.range), checksum: chunk.checksum)
    case .record:
      try inputs[chunk.input].move(to: chunk.location)
      try writer.appendChunk(
        minTime: chunk.minTime, maxTime: chunk.maxTime, encoding: chunk.encoding.rawValue,
        payload: inputs[chunk.input].bytes.extracting(chunk.range), checksum: chunk.checksum)
    }
  }
}
