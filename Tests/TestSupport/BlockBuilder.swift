public import TSDBBlock

/// A series for a test block: labels and float samples in order of time.
public struct TestSeries: Sendable {
  public var labels: LabelSet
  public var samples: [(time: Int64, value: Double)]

  public init(_ labels: LabelSet, _ samples: [(time: Int64, value: Double)]) {
    self.labels = labels
    self.samples = samples
  }
}

/// Writes a block with the library's own writer; series in any order, XOR chunks of 120 samples.
///
/// - Returns: the meta that was written. Times cover the samples unless given.
@discardableResult
public func makeBlock(
  at directory: String, id: BlockID, _ series: [TestSeries], minTime: Int64? = nil,
  maxTime: Int64? = nil, samplesPerChunk: Int = 120, change: (inout BlockMeta) -> Void = { _ in }
) throws -> BlockMeta {
  let writer = try BlockWriter(directory: directory)
  let sorted = series.sorted { $0.labels < $1.labels }
  let strings = Set(sorted.flatMap { $0.labels.pairs.flatMap { [$0.name, $0.value] } } + [[]])
  let symbols = strings.sorted(by: ByteOrder.precedes)
  var ordinals: [[UInt8]: UInt32] = [:]
  for (ordinal, symbol) in symbols.enumerated() {
    try writer.addSymbol(symbol)
    ordinals[symbol] = UInt32(ordinal)
  }
  for one in sorted {
    let chunks = stride(from: 0, to: one.samples.count, by: samplesPerChunk).map { start in
      Array(one.samples[start..<min(start + samplesPerChunk, one.samples.count)])
    }
    let payloads = chunks.map { chunk in
      var encoder = XOREncoder()
      for sample in chunk {
        encoder.append(timestamp: sample.time, valueBits: sample.value.bitPattern)
      }
      return encoder.finish()
    }
    writer.beginSeries(payloadByteCounts: payloads.map(\.count))
    for (chunk, payload) in zip(chunks, payloads) {
      try writer.appendChunk(
        minTime: chunk.first?.time ?? 0, maxTime: chunk.last?.time ?? 0, encoding: 1,
        payload: payload.span.bytes)
    }
    try writer.endSeries(
      labels: one.labels.pairs.map {
        LabelReference(name: ordinals[$0.name] ?? 0, value: ordinals[$0.value] ?? 0)
      })
  }
  let times = sorted.flatMap { $0.samples.map(\.time) }
  var meta = BlockMeta(
    id: id, minTime: minTime ?? times.min() ?? 0, maxTime: maxTime ?? (times.max() ?? 0) + 1)
  meta.stats = writer.stats
  meta.compaction.sources = [id]
  change(&meta)
  try writer.publish(meta)
  return meta
}

/// Every sample of a block with XOR chunks, by the text of its labels, in stored order.
public func readSamples(
  _ reader: BlockReader
) throws -> [String: [(time: Int64, bits: UInt64)]] {
  var result: [String: [(time: Int64, bits: UInt64)]] = [:]
  var columns = SampleColumns()
  for id in try reader.index.allPostings() {
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    try reader.index.appendSeries(id, labels: &labels, chunks: &chunks)
    var samples: [(time: Int64, bits: UInt64)] = []
    for chunk in chunks {
      columns.removeAll()
      try reader.chunks.appendSamples(at: chunk.location, to: &columns)
      samples += zip(columns.timestamps, columns.values).map { ($0, $1) }
    }
    result[try reader.index.labels(labels).description, default: []] += samples
  }
  return result
}
