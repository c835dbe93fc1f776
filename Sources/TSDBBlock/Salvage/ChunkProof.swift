/// Says whether a record with a right checksum is the chunk that the index means, and what of it
/// counts.
///
///     index    mint ├──────────────────────────┤ maxt
///     record        ├──────────────────────────┤            proven: it is copied
///                   ├──────────────────────────┤ ·····      what follows maxt does not count
///                   ├─────────────────────┤                 not this chunk
struct ChunkProof {
  enum Verdict {
    case proven(SalvagedChunk)
    case refuted(SalvageReport.Loss.Reason, samples: Int?)
  }

  private var columns = ChunkColumns()

  /// - Parameter file: holds the record.
  mutating func examine(
    _ file: ByteSlice, _ record: ChunkRecord, _ span: ChunkSpan
  ) -> Verdict {
    let encoding = ChunkEncoding(rawValue: record.encoding)
    let bytes = file.bytes
    guard encoding.isKnown else { return .refuted(.chunkEncoding, samples: nil) }
    let stated = try? encoding.sampleCount(of: bytes.extracting(record.payload))
    guard encoding != .aggregate else { return examineAggregates(file, record, span, stated) }
    var isWhole = true
    do throws(DecodeError) {
      try columns.decode(bytes, record.payload, encoding: encoding)
    } catch {
      isWhole = false
    }
    let times = columns.timestamps
    var chunk = SalvagedChunk(
      MergeChunk(
        input: 0, location: span.location, minTime: span.minTime, maxTime: span.maxTime,
        encoding: encoding, checksum: record.checksum, sampleCount: times.count,
        source: .record(file, record.payload)))
    guard !times.isEmpty else { return .refuted(.chunkSamples, samples: stated) }
    if isWhole, Extent(times[...]).fits(span) {
      chunk.isDisordered = !Self.increases(times)
      return .proven(chunk)
    }
    // A count that is too high lets bits behind the last sample look like more samples.
    guard let last = times.firstIndex(of: span.maxTime), Extent(times[...last]).fits(span) else {
      return .refuted(isWhole ? .chunkTimes : .chunkSamples, samples: stated)
    }
    var payload = [UInt8](bytes.extracting(record.payload))
    Self.setCount(last + 1, of: encoding, &payload)
    guard (try? columns.decode(payload.rawSpan, 0..<payload.count, encoding: encoding)) != nil
    else { return .refuted(.chunkSamples, samples: stated) }
    chunk.isDisordered = !Self.increases(columns.timestamps)
    chunk.isRewritten = true
    chunk.merge = MergeChunk(
      input: 0, location: span.location, minTime: span.minTime, maxTime: span.maxTime,
      encoding: encoding, payload: payload, sampleCount: last + 1)
    return .proven(chunk)
  }

  /// First and last time, wherever they stand.
  private struct Extent {
    var first: Int64
    var last: Int64

    init(_ times: ArraySlice<Int64>) {
      first = .max
      last = .min
      for time in times {
        first = min(first, time)
        last = max(last, time)
      }
    }

    func fits(_ span: ChunkSpan) -> Bool { first == span.minTime && last == span.maxTime }
  }

  private static func increases(_ times: [Int64]) -> Bool {
    let span = times.span
    var index = 1
    while index < span.count {
      guard span[index &- 1] < span[index] else { return false }
      index &+= 1
    }
    return true
  }

  /// Writes another sample count into the first two bytes of a chunk.
  private static func setCount(_ count: Int, of encoding: ChunkEncoding, _ payload: inout [UInt8]) {
    // The upper two bits of histograms with start times say something else.
    let isShort = encoding == .histogramST || encoding == .floatHistogramST
    let kept: UInt8 = isShort ? payload[0] & 0xC0 : 0
    payload[0] = kept | UInt8(truncatingIfNeeded: count &>> 8)
    payload[1] = UInt8(truncatingIfNeeded: count)
  }

  // MARK: Aggregates

  private mutating func examineAggregates(
    _ file: ByteSlice, _ record: ChunkRecord, _ span: ChunkSpan, _ stated: Int?
  ) -> Verdict {
    let bytes = file.bytes
    let payload = bytes.extracting(record.payload)
    guard let parts = try? AggregateChunk(payload) else {
      return .refuted(.chunkSamples, samples: stated)
    }
    var first = Int64.max
    var last = Int64.min
    for kind in AggregateChunk.Kind.allCases {
      guard let part = parts[kind] else { continue }
      guard (try? columns.decode(payload, part.range, encoding: part.encoding)) != nil else {
        return .refuted(.chunkSamples, samples: stated)
      }
      // The counter begins with the first raw sample, which the index leaves out.
      let times = columns.timestamps
      if kind != .counter, let start = times.first { first = min(first, start) }
      if let end = times.last { last = max(last, end) }
    }
    guard first == span.minTime, last == span.maxTime else {
      return .refuted(.chunkTimes, samples: stated)
    }
    var chunk = SalvagedChunk(
      MergeChunk(
        input: 0, location: span.location, minTime: span.minTime, maxTime: span.maxTime,
        encoding: .aggregate, checksum: record.checksum, sampleCount: stated ?? 0,
        source: .record(file, record.payload)))
    guard parts[.counter] == nil else { return .proven(chunk) }
    var builder = AggregateChunkBuilder()
    for kind in AggregateChunk.Kind.allCases {
      guard let part = parts[kind] else { continue }
      builder[kind] = (part.encoding, [UInt8](payload.extracting(part.range)))
    }
    chunk.isRewritten = true
    chunk.merge = MergeChunk(
      input: 0, location: span.location, minTime: span.minTime, maxTime: span.maxTime,
      encoding: .aggregate, payload: builder.encoded(), sampleCount: stated ?? 0)
    return .proven(chunk)
  }
}

/// A chunk on its way into the new block.
struct SalvagedChunk {
  var merge: MergeChunk
  /// Its times do not increase.
  var isDisordered = false
  /// Its bytes are not those of the record.
  var isRewritten = false

  init(_ merge: MergeChunk) { self.merge = merge }
}
