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
  let ordinals = try writer.addSymbols(of: sorted.map(\.labels))
  for one in sorted {
    var columns = SampleColumns()
    for sample in one.samples {
      columns.append(timestamp: sample.time, valueBits: sample.value.bitPattern)
    }
    try writer.addSeries(one.labels, ordinals, columns, samplesPerChunk: samplesPerChunk)
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
