internal import TSDBBlock

/// XOR and XOR2: `input` is the data of a chunk.
func fuzzFloats(_ input: [UInt8], _ encoding: ChunkEncoding) {
  var columns = ChunkColumns()
  let isWhole = decode(input, encoding, &columns)
  let floats = columns.floats
  require(floats.timestamps.count == floats.values.count, "columns are of one length")
  require(
    floats.starts.isEmpty || floats.starts.count == floats.count, "starts are empty or complete")
  // The cheapest sample takes one bit, the first one more.
  require(floats.count <= 8 * input.count, "memory is in proportion to the input")
  guard isWhole else { return }
  let again = encodedAndDecoded(columns, encoding)
  require(again.floats.timestamps == floats.timestamps, "times survive encoding")
  require(again.floats.values == floats.values, "values survive encoding")
  require(again.floats.starts == floats.starts, "start times survive encoding")
  checkTranscoding(input, encoding, columns)
}

/// The four histogram encodings: `input` is the data of a chunk.
func fuzzHistograms(_ input: [UInt8], _ encoding: ChunkEncoding) {
  var columns = ChunkColumns()
  let isWhole = decode(input, encoding, &columns)
  let histograms = columns.histograms
  checkShape(histograms, inputByteCount: input.count)
  guard isWhole else { return }
  let again = encodedAndDecoded(columns, encoding).histograms
  require(again.timestamps == histograms.timestamps, "times survive encoding")
  require(again.starts == histograms.starts, "start times survive encoding")
  require(again.sums == histograms.sums, "sums survive encoding")
  require(again.counts == histograms.counts, "counts survive encoding")
  require(again.zeroCounts == histograms.zeroCounts, "zero counts survive encoding")
  if !(0..<histograms.count).allSatisfy({ histograms.isStale(at: $0) }) {
    // A chunk of nothing but stale samples is written without a layout.
    require(
      again.layout.withoutNegativeZeros == histograms.layout.withoutNegativeZeros,
      "the layout survives encoding")
    require(again.buckets == histograms.buckets, "buckets survive encoding")
  }
  checkTranscoding(input, encoding, columns)
}

/// `input` is the data of a chunk with up to five others in it.
func fuzzAggregate(_ input: [UInt8]) {
  _ = try? ChunkEncoding.aggregate.sampleCount(of: input.rawSpan)
  guard let parts = try? AggregateChunk(input.rawSpan) else { return }
  var columns = ChunkColumns()
  for kind in AggregateChunk.Kind.allCases {
    guard let part = parts[kind] else { continue }
    require(part.range.upperBound <= input.count, "a part lies within the chunk")
    _ = try? part.encoding.sampleCount(of: input.rawSpan.extracting(part.range))
    _ = try? columns.decode(input.rawSpan, part.range, encoding: part.encoding)
  }
}

// MARK: - Parts

/// Decodes the chunk alone and within other bytes, which must not make a difference.
private func decode(
  _ input: [UInt8], _ encoding: ChunkEncoding, _ columns: inout ChunkColumns
) -> Bool {
  let alone = failure(input, 0..<input.count, encoding, &columns)
  for fill: UInt8 in [0, 0xFF] {
    let margin = [UInt8](repeating: fill, count: 11)
    var within = ChunkColumns()
    let range = margin.count..<margin.count + input.count
    let other = failure(margin + input + margin, range, encoding, &within)
    require(other == alone, "what surrounds a chunk changes no error")
    require(within.floats == columns.floats, "what surrounds a chunk becomes no sample")
    require(within.histograms == columns.histograms, "what surrounds a chunk becomes no sample")
  }
  if alone == nil {
    let stated = try? encoding.sampleCount(of: input.rawSpan)
    require(stated == columns.count, "a whole chunk has the samples it counts")
  }
  return alone == nil
}

/// What decoding throws, nil when it does not.
private func failure(
  _ bytes: [UInt8], _ range: Range<Int>, _ encoding: ChunkEncoding, _ columns: inout ChunkColumns
) -> DecodeError? {
  do throws(DecodeError) {
    try columns.decode(bytes.rawSpan, range, encoding: encoding)
    return nil
  } catch {
    return error
  }
}

private func checkShape(_ columns: HistogramColumns, inputByteCount: Int) {
  let count = columns.count
  require(columns.counts.count == count, "counts are complete")
  require(columns.zeroCounts.count == count, "zero counts are complete")
  require(columns.sums.count == count, "sums are complete")
  require(columns.buckets.count == count * columns.bucketCount, "buckets are complete")
  require(columns.starts.isEmpty || columns.starts.count == count, "starts are empty or complete")
  require(count <= 8 * inputByteCount, "samples are in proportion to the input")
}

private func encodedAndDecoded(_ columns: ChunkColumns, _ encoding: ChunkEncoding) -> ChunkColumns {
  var encoder = ChunkEncoder()
  var bytes: [UInt8] = []
  encoder.encode(columns, 0..<columns.count, encoding: encoding, appendingTo: &bytes)
  var again = ChunkColumns()
  let thrown = failure(bytes, 0..<bytes.count, encoding, &again)
  require(thrown == nil, "what was encoded can be decoded, not \(String(describing: thrown))")
  return again
}

/// The encodings that every reader knows hold the same times and values.
private func checkTranscoding(
  _ input: [UInt8], _ encoding: ChunkEncoding, _ columns: ChunkColumns
) {
  var transcoder = ChunkTranscoder()
  var bytes: [UInt8] = []
  guard
    let plain = try? transcoder.appendPlain(
      input.rawSpan, 0..<input.count, encoding: encoding, to: &bytes)
  else { fatalError("broken promise: a whole chunk can be transcoded") }
  var again = ChunkColumns()
  require(
    failure(bytes, 0..<bytes.count, plain, &again) == nil, "a transcoded chunk can be decoded")
  require(again.timestamps == columns.timestamps, "times survive transcoding")
  require(again.floats.values == columns.floats.values, "values survive transcoding")
  require(again.histograms.sums == columns.histograms.sums, "sums survive transcoding")
}

extension HistogramLayout {
  /// Prometheus writes a bound of −0 as thousandths, which read as 0.
  fileprivate var withoutNegativeZeros: HistogramLayout {
    var copy = self
    copy.customBounds = customBounds.map { $0 == (-0.0).bitPattern ? 0 : $0 }
    return copy
  }
}
