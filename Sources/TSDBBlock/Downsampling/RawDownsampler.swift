/// Downsamples the floats of a series.
///
///     chunks ─► samples without stale markers ─► batches ─► windows ─► five XOR chunks in one
///
/// The counter of a chunk begins with the first raw sample and ends with the last raw value at a
/// repeated time, so that a reader finds a reset between two chunks. Source:
/// `pkg/compact/downsample` of Thanos.
struct RawDownsampler {
  private var samples = SampleColumns()
  private var writer = FloatAggregateWriter()

  /// Forgets the samples of the series before.
  mutating func begin() { samples.removeAll() }

  /// Adds the samples of the next float chunk.
  mutating func append(
    _ bytes: RawSpan, _ payload: Range<Int>, encoding: ChunkEncoding
  ) throws(DecodeError) {
    let start = samples.count
    if encoding == .xor {
      try XORDecoder.decode(bytes, payload, into: &samples)
    } else {
      try XOR2Decoder.decode(bytes, payload, into: &samples)
    }
    samples.keepMoving(from: start)
  }

  /// The chunks of the samples added.
  mutating func finish(resolution: Int64) -> [DownsampledChunk] {
    var chunks: [DownsampledChunk] = []
    for batch in DownsampleWindows.batches(of: samples.timestamps, resolution: resolution) {
      guard let batch = numbers(in: batch) else { continue }
      chunks.append(writer.chunk(of: samples, batch, resolution: resolution))
    }
    return chunks
  }

  /// The part of a range from its first number to its last; nil when it has none.
  private func numbers(in range: Range<Int>) -> Range<Int>? {
    func isNumber(_ index: Int) -> Bool { !Double(bitPattern: samples.values[index]).isNaN }
    guard let first = range.first(where: isNumber), let last = range.last(where: isNumber) else {
      return nil
    }
    return first..<last + 1
  }
}

/// Encodes the windows of raw samples.
struct FloatAggregateWriter {
  /// In the order of a chunk; the counter follows them.
  private static let columns: [FloatWindows.Column] = [.counts, .sums, .minima, .maxima]

  private var windows = FloatWindows()
  private var encoder = XOREncoder()

  /// - Parameter range: of samples that begin and end with a number.
  mutating func chunk(
    of samples: SampleColumns, _ range: Range<Int>, resolution: Int64
  ) -> DownsampledChunk {
    windows.aggregate(samples, range, resolution: resolution, skipsNaN: true)
    // Short chunks are many: each part goes from the encoder to its place.
    var payload: [UInt8] = []
    payload.reserveCapacity(16 + 24 * windows.count)
    for column in Self.columns {
      encoder.append(windows, column)
      finishPart(of: &payload)
    }
    encoder.appendCounter(
      first: (samples.timestamps[range.lowerBound], samples.values[range.lowerBound]), windows,
      last: samples.values[range.upperBound - 1])
    finishPart(of: &payload)
    let bounds = windows.bounds ?? 0...0
    return DownsampledChunk(
      minTime: bounds.lowerBound, maxTime: bounds.upperBound, sampleCount: windows.count,
      payload: payload)
  }

  private mutating func finishPart(of payload: inout [UInt8]) {
    payload.append(uvarint: UInt64(encoder.byteCount))
    payload.append(ChunkEncoding.xor.rawValue)
    encoder.finish(appendingTo: &payload)
  }

  /// One part.
  mutating func encode(
    _ windows: FloatWindows, _ column: FloatWindows.Column
  ) -> (encoding: ChunkEncoding, payload: [UInt8]) {
    encoder.append(windows, column)
    return (.xor, encoder.finish())
  }

  /// The counter of the windows, between the first raw sample and the last raw value.
  mutating func counter(
    first: (time: Int64, value: UInt64), _ windows: FloatWindows, last: UInt64
  ) -> (encoding: ChunkEncoding, payload: [UInt8]) {
    encoder.appendCounter(first: first, windows, last: last)
    return (.xor, encoder.finish())
  }
}

extension XOREncoder {
  fileprivate mutating func append(_ windows: FloatWindows, _ column: FloatWindows.Column) {
    append(windows.timestamps, windows.column(column))
  }

  fileprivate mutating func appendCounter(
    first: (time: Int64, value: UInt64), _ windows: FloatWindows, last: UInt64
  ) {
    let times = windows.timestamps
    append(timestamp: first.time, valueBits: first.value)
    append(times, windows.column(.counters))
    if !times.isEmpty { append(timestamp: times[times.count - 1], valueBits: last) }
  }
}

extension SampleColumns {
  /// Of the samples from `start` on, those of a chunk, removes stale markers and those that go back
  /// or are negative in time, as the reference does.
  mutating func keepMoving(from start: Int) {
    starts.removeAll(keepingCapacity: true)
    guard !isMoving(from: start) else { return }
    var last: Int64 = 0
    var kept = start
    for index in start..<count {
      let (time, value) = (timestamps[index], values[index])
      guard value != SampleValue.staleMarker, time >= last else { continue }
      timestamps[kept] = time
      values[kept] = value
      kept += 1
      last = time
    }
    timestamps.removeLast(count - kept)
    values.removeLast(values.count - kept)
  }

  private func isMoving(from start: Int) -> Bool {
    guard start < count else { return true }
    let (times, bits) = (timestamps.span, values.span)
    return times[start] >= 0 && times.extracting(start..<times.count).neverFalls
      && !bits.extracting(start..<bits.count).contains(SampleValue.staleMarker)
  }
}
