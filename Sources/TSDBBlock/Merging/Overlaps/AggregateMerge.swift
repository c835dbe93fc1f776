/// The penalty merge of overlapping aggregate chunks.
///
///     chunks of a run   count  sum  min  max  counter         each aggregate is a float series of
///     one by one          ▼     ▼    ▼    ▼      ▼            its own: its chunks are folded by
///                       merged, merged, …                     ``PenaltyMerge``, the base one last
///     written           │ 120 counts │ 120 counts │ …         counts say where a chunk ends; the
///                       │ the others between the same times │ others follow
///
/// The last sample of a counter stands there twice, as downsampled counters have it; the true last
/// value of the raw series is not known any more. Source: `aggrChunkIterator` of Thanos, which
/// loses the first sample of all aggregates but the count in every chunk after the first.
struct AggregateMerge {
  private var samples = SampleColumns()
  private var bounds: [Range<Int>] = []
  private var penalty = PenaltyMerge()
  private var picks: [Int] = []
  private var encoder = ChunkEncoder()

  /// The chunks of a run of overlapping ones; nil when the others have nothing to add to `base`.
  ///
  /// - Throws: ``ChunkMergeError``: a chunk is damaged, or `unsupported`: it holds histograms.
  mutating func merge(
    _ base: MergeChunk, _ others: [MergeChunk]
  ) throws(ChunkMergeError) -> [MergeChunk]? {
    let counts = try fold(.count, others)
    guard !counts.isEmpty else { return nil }
    var merged: [SampleColumns] = []
    for kind in AggregateChunk.Kind.allCases { merged.append(try fold(kind, others + [base])) }
    var positions = [Int](repeating: 0, count: merged.count)
    let times = merged[AggregateChunk.Kind.count.rawValue].timestamps
    var output: [MergeChunk] = []
    for start in stride(from: 0, to: times.count, by: HistogramAppender.samplesPerChunk) {
      let end = min(start + HistogramAppender.samplesPerChunk, times.count)
      let range = times[start]...max(times[start], times[end - 1])
      var builder = AggregateChunkBuilder()
      for kind in AggregateChunk.Kind.allCases {
        let part = Self.advance(&positions[kind.rawValue], to: range, in: merged[kind.rawValue])
        guard !part.isEmpty else { continue }
        builder[kind] = (.xor, encode(merged[kind.rawValue], part, repeatsLast: kind == .counter))
      }
      output.append(
        MergeChunk(
          input: base.input, location: base.location, minTime: range.lowerBound,
          maxTime: range.upperBound, encoding: .aggregate, payload: builder.encoded(),
          sampleCount: end - start))
    }
    return output
  }

  /// The samples of one aggregate.
  private mutating func fold(
    _ kind: AggregateChunk.Kind, _ chunks: [MergeChunk]
  ) throws(ChunkMergeError) -> SampleColumns {
    samples.removeAll()
    bounds.removeAll(keepingCapacity: true)
    for chunk in chunks {
      let start = samples.count
      do throws(DecodeError) {
        try chunk.append(kind, to: &samples)
      } catch {
        throw ChunkMergeError(input: chunk.input, location: chunk.location, cause: error)
      }
      if samples.count > start { bounds.append(start..<samples.count) }
    }
    penalty.pick(samples.timestamps, bounds, into: &picks)
    var merged = SampleColumns()
    merged.gather(picks, from: samples)
    return merged
  }

  /// Which samples from `position` on lie in `range`; moves behind them.
  private static func advance(
    _ position: inout Int, to range: ClosedRange<Int64>, in samples: SampleColumns
  ) -> Range<Int> {
    while position < samples.count, samples.timestamps[position] < range.lowerBound {
      position += 1
    }
    let start = position
    while position < samples.count, samples.timestamps[position] <= range.upperBound {
      position += 1
    }
    return start..<position
  }

  private mutating func encode(
    _ samples: SampleColumns, _ range: Range<Int>, repeatsLast: Bool
  ) -> [UInt8] {
    var payload: [UInt8] = []
    guard repeatsLast else {
      encoder.encode(samples, range, appendingTo: &payload)
      return payload
    }
    var repeated = SampleColumns()
    for index in range {
      repeated.append(timestamp: samples.timestamps[index], valueBits: samples.values[index])
    }
    let last = range.upperBound - 1
    repeated.append(timestamp: samples.timestamps[last], valueBits: samples.values[last])
    encoder.encode(repeated, 0..<repeated.count, appendingTo: &payload)
    return payload
  }
}

extension MergeChunk {
  /// Appends the samples of one aggregate, if it is there.
  fileprivate func append(
    _ kind: AggregateChunk.Kind, to columns: inout SampleColumns
  ) throws(DecodeError) {
    try withPayload { (payload) throws(DecodeError) in
      guard let part = try AggregateChunk(payload)[kind] else { return }
      guard part.encoding == .xor else { throw .unsupported }
      try XORDecoder.decode(payload, part.range, into: &columns)
    }
  }
}
