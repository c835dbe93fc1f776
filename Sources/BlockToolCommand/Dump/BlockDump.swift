internal import Console
internal import TSDBBlock

/// Prints the samples of selected series.
struct BlockDump {
  private let path: String
  private let range: ClosedRange<Int64>
  private let format: DumpCommand.Format
  private let context: ToolContext
  private var columns = SampleColumns()
  private var status = ToolStatus.clean
  /// Series that hold samples which cannot be printed yet.
  private var undumpable = 0

  init(
    _ path: String, _ range: ClosedRange<Int64>, _ format: DumpCommand.Format,
    _ context: ToolContext
  ) {
    self.path = path
    self.range = range
    self.format = format
    self.context = context
  }

  mutating func run(_ selection: SelectionOptions) throws -> ToolStatus {
    var walk = BlockWalk(path, selection, context)
    let walked = try walk.run { series, reader in try dump(series, reader) }
    if format == .openmetrics { try context.output.write("# EOF\n") }
    if walked == .damaged || status == .damaged { return .damaged }
    guard undumpable > 0 else { return .clean }
    context.remark(
      "blocktool: \(HumanText.plural(undumpable, "chunk")) with histograms or encodings that "
        + "cannot be printed yet; their samples are missing above")
    return .failed
  }

  private mutating func dump(_ series: BlockWalk.Series, _ reader: BlockReader) throws {
    columns.removeAll()
    for chunk in series.chunks
    where chunk.maxTime >= range.lowerBound && chunk.minTime <= range.upperBound {
      do throws(BlockError) {
        try reader.chunks.appendSamples(at: chunk.location, to: &columns)
      } catch  where error.code == .unsupportedEncoding {
        undumpable += 1
      } catch {
        context.remark(
          "blocktool: \(error); lost: \(series.labels) from \(HumanText.time(chunk.minTime)) to "
            + HumanText.time(chunk.maxTime))
        status = .damaged
      }
    }
    let deleted = reader.tombstones.intervals(ofSeries: series.id)
    let kept = columns.timestamps.indices.filter { index in
      let time = columns.timestamps[index]
      return range.contains(time) && !deleted.contains { $0.contains(time) }
    }
    guard !kept.isEmpty else { return }
    try write(series.labels, kept)
  }

  private func write(_ labels: LabelSet, _ kept: [Int]) throws {
    switch format {
    case .prom:
      let head = PromText.labels(labels) + " "
      for index in kept {
        let value = PromText.float(columns.values[index])
        try context.output.write(head + value + " \(columns.timestamps[index])\n")
      }
    case .openmetrics:
      let head = OpenMetricsText.series(labels) + " "
      for index in kept {
        let value = PromText.float(columns.values[index])
        let time = OpenMetricsText.seconds(columns.timestamps[index])
        try context.output.write(head + value + " " + time + "\n")
      }
    case .json:
      let line = RawJSON.object([
        "labels": .labels(labels.pairs),
        "timestamps": .array(kept.map { .count(columns.timestamps[$0]) }),
        "values": .array(kept.map { .string(PromText.float(columns.values[$0])) }),
      ])
      try context.output.write(line.compactBytes + [UInt8(ascii: "\n")])
    }
  }
}
