public import TSDBBlock

/// A block as a dictionary: the slow, obvious form that tests compare with.
public typealias BlockModel = [LabelSet: [Int64: UInt64]]

extension BlockModel {
  /// Float series at random times in `start..<start + 1000`, some of which occur in every block.
  public static func random(
    start: Int64, seriesCount: Int = 20, using random: inout some RandomNumberGenerator
  ) -> BlockModel {
    var model: BlockModel = [:]
    for _ in 0..<seriesCount {
      let labels = LabelSet(
        ["__name__": "metric_\(Int.random(in: 0..<3, using: &random))"].merging(
          (0..<Int.random(in: 0..<3, using: &random)).map {
            ("l\($0)", "v\(Int.random(in: 0..<30, using: &random))")
          }, uniquingKeysWith: { $1 }
        ).map { (name: Array($0.key.utf8), value: Array($0.value.utf8)) })
      let times = (0..<Int.random(in: 1...50, using: &random)).map { _ in
        Int64.random(in: start..<start + 1000, using: &random)
      }
      model[labels] = [Int64: UInt64](times.map { ($0, random.next()) }) { $1 }
    }
    return model
  }

  /// Writes the model as a block.
  public func write(
    to directory: String, _ range: Range<Int64>, id: BlockID = .zero, thanos: ThanosMeta? = nil,
    samplesPerChunk: Int = 7
  ) throws -> BlockReader {
    let writer = try BlockWriter(directory: directory)
    let ordinals = try writer.addSymbols(of: keys)
    for (labels, samples) in sorted(by: { $0.key < $1.key }) {
      var columns = SampleColumns()
      for (time, bits) in samples.sorted(by: { $0.key < $1.key }) {
        columns.append(timestamp: time, valueBits: bits)
      }
      try writer.addSeries(labels, ordinals, columns, samplesPerChunk: samplesPerChunk)
    }
    var meta = BlockMeta(
      id: id, minTime: range.lowerBound, maxTime: range.upperBound, stats: writer.stats,
      thanos: thanos)
    meta.compaction.sources = [id]
    try writer.publish(meta)
    return try BlockReader(directory: directory)
  }

  /// Every sample of a block, also the deleted ones.
  ///
  /// - Throws: ``DuplicateSample`` when a series has two samples of one time.
  public init(reading block: BlockReader) throws {
    self = [:]
    var series = try block.series(includesDeleted: true)
    while try series.next() {
      var columns = SampleColumns()
      try series.appendSamples(to: &columns)
      try add(columns, to: series.labels)
    }
  }

  /// Adds samples, none of which may be there yet.
  public mutating func add(_ columns: SampleColumns, to labels: LabelSet) throws {
    for (time, value) in zip(columns.timestamps, columns.values) {
      if self[labels, default: [:]].updateValue(value, forKey: time) != nil {
        throw DuplicateSample(labels: labels, time: time)
      }
    }
  }
}

public struct DuplicateSample: Error {
  public var labels: LabelSet
  public var time: Int64

  public init(labels: LabelSet, time: Int64) {
    self.labels = labels
    self.time = time
  }
}
