/// Makes chunks of picked samples, as Prometheus' encoder of merged series does: a new one every
/// 120 samples, where the kind of value changes, and where histograms cannot share one.
///
/// Start times are kept: chunks with one are written in the encodings that have them.
struct SampleCutter {
  private var kind = ChunkColumns.Kind.floats
  private var floats = SampleColumns()
  private var histograms = HistogramAppender(isFloat: false)
  private var encoder = ChunkEncoder()

  /// The chunks that the samples at `picks` make.
  mutating func cut(
    _ picks: [Int], of samples: OverlapSamples, origin: MergeChunk
  ) -> [MergeChunk] {
    var output: [MergeChunk] = []
    if samples.isFloats {
      floats.gather(picks, from: samples.floats)
      finishFloats(origin, &output)
      return output
    }
    var chunk = 0
    for pick in picks {
      if !samples.bounds[chunk].contains(pick) { chunk = samples.chunkIndex(of: pick) }
      append(samples.chunks[chunk], pick - samples.bounds[chunk].lowerBound, origin, &output)
    }
    finish(origin, &output)
    return output
  }

  private mutating func append(
    _ columns: ChunkColumns, _ index: Int, _ origin: MergeChunk, _ output: inout [MergeChunk]
  ) {
    if columns.kind != kind {
      finish(origin, &output)
      kind = columns.kind
      histograms = HistogramAppender(isFloat: kind == .floatHistograms)
    }
    if kind == .floats {
      floats.append(columns.floats, index)
    } else {
      append(columns.histograms, index, origin, &output)
    }
  }

  private mutating func append(
    _ columns: HistogramColumns, _ index: Int, _ origin: MergeChunk,
    _ output: inout [MergeChunk]
  ) {
    if histograms.count >= HistogramAppender.samplesPerChunk { finishHistograms(origin, &output) }
    // A sample may not follow the one merged in front of it, so nothing but the gauge is known.
    let hint: CounterResetHint = columns.hint(at: index) == .gauge ? .gauge : .unknown
    if case .needsNewChunk(let header) = histograms.append(columns, at: index, hint: hint) {
      finishHistograms(origin, &output)
      histograms.begin(columns, at: index, header: header)
    }
  }

  private mutating func finish(_ origin: MergeChunk, _ output: inout [MergeChunk]) {
    if kind == .floats {
      finishFloats(origin, &output)
    } else {
      finishHistograms(origin, &output)
    }
  }

  private mutating func finishFloats(_ origin: MergeChunk, _ output: inout [MergeChunk]) {
    let step = HistogramAppender.samplesPerChunk
    for start in stride(from: 0, to: floats.count, by: step) {
      let range = start..<min(start + step, floats.count)
      let hasStarts = !floats.starts.isEmpty && floats.starts[range].contains { $0 != 0 }
      var payload: [UInt8] = []
      if hasStarts {
        ChunkEncoder.encodeXOR2(floats, range, appendingTo: &payload)
      } else {
        encoder.encode(floats, range, appendingTo: &payload)
      }
      output.append(
        MergeChunk(
          input: origin.input, location: origin.location,
          minTime: floats.timestamps[range.lowerBound],
          maxTime: floats.timestamps[range.upperBound - 1], encoding: hasStarts ? .xor2 : .xor,
          payload: payload, sampleCount: range.count))
    }
    floats.removeAll()
  }

  private mutating func finishHistograms(_ origin: MergeChunk, _ output: inout [MergeChunk]) {
    let columns = histograms.columns
    guard let first = columns.timestamps.first, let last = columns.timestamps.last else { return }
    let hasStarts = columns.starts.contains { $0 != 0 }
    let encoding: ChunkEncoding =
      columns.isFloat
      ? (hasStarts ? .floatHistogramST : .floatHistogram)
      : (hasStarts ? .histogramST : .histogram)
    var payload: [UInt8] = []
    encoder.encode(columns, 0..<columns.count, encoding: encoding, appendingTo: &payload)
    output.append(
      MergeChunk(
        input: origin.input, location: origin.location, minTime: first, maxTime: last,
        encoding: encoding, payload: payload, sampleCount: columns.count))
    histograms.removeAll()
  }
}

extension SampleColumns {
  /// Appends one sample of `other`.
  fileprivate mutating func append(_ other: SampleColumns, _ index: Int) {
    if !other.starts.isEmpty {
      padStarts()
      starts.append(other.starts[index])
    }
    append(timestamp: other.timestamps[index], valueBits: other.values[index])
    if !starts.isEmpty { padStarts() }
  }
}
