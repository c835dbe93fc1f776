internal import ArgumentParser
internal import Console
internal import TSDBBlock

/// `blocktool split BLOCK -o DIRECTORY --range 2h`
struct SplitCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Cut a block into blocks of a shorter range.",
    discussion: """
      blocktool split /data/01HR… -o /tmp/parts --range 2h

      The parts are aligned as Prometheus aligns them. Chunks that reach over a border are cut,
      all others copied; chunks of downsampled blocks cannot be cut. Deleted samples are left out.
      All parts are written and read back before the first gets its name. Each lists the block as
      its parent: Prometheus deletes that when it lies in the same directory.
      The index is read once for each part.
      Exit codes: 0 clean, 1 usage or I/O error, 2 damage found.
      """)

  /// More parts than this are a mistake, of the range or of the block.
  private static let partLimit: UInt64 = 10_000

  @Argument(help: "The directory of the block, or its ULID in a bucket.")
  var block: String

  @OptionGroup var input: BlockInput

  @OptionGroup var options: RewriteOptions

  @Option(help: "The range of a part: 2h, 1d, …")
  var range = DurationArgument(milliseconds: 7_200_000)

  func run(_ context: ToolContext) throws -> ToolStatus {
    try input.withBlock(block, context) {
      var command = self
      command.block = $0
      return try command.carryOut(context)
    }
  }

  private func carryOut(_ context: ToolContext) throws -> ToolStatus {
    try context.rewriting([block]) {
      let input = try openBlock(block)
      let windows = try windows(of: input)
      var parts: [NewBlock] = []
      for (number, window) in windows.enumerated() {
        let part = try NewBlock(
          in: options.directory,
          BlockLineage.part(
            of: input.meta, minTime: window.lowerBound, maxTime: window.upperBound), context)
        let hasSamples = try part.write { (writer) throws(BlockMergeError) in
          context.progress?.begin("part \(number + 1) of \(windows.count)")
          return try write(window, of: input, into: writer, context)
        }
        if hasSamples { parts.append(part) }
      }
      guard !parts.isEmpty else {
        throw ToolError("the block holds no samples that are not deleted; nothing was written")
      }
      for part in parts { try part.publish() }
      for part in parts { try part.tell(options.output) }
      return .clean
    }
  }

  /// The times of the parts: half open, the first and the last as short as the block makes them.
  private func windows(of input: BlockReader) throws -> [Range<Int64>] {
    let (first, end) = try input.timeRange()
    guard first < end else { return [] }
    let length = range.milliseconds
    guard UInt64(bitPattern: end &- first) / UInt64(length) < Self.partLimit else {
      throw ToolError(
        "the block reaches from \(HumanText.time(first)) to \(HumanText.time(end)), which makes "
          + "more than \(HumanText.count(Self.partLimit)) parts; choose a longer --range")
    }
    var windows: [Range<Int64>] = []
    var start = first
    while start < end {
      let rest = start % length
      let (next, overflow) = start.addingReportingOverflow(
        length - (rest < 0 ? rest + length : rest))
      let stop = overflow ? end : min(next, end)
      windows.append(start..<stop)
      start = stop
    }
    return windows
  }

  private func write(
    _ window: Range<Int64>, of input: BlockReader, into writer: BlockWriter,
    _ context: ToolContext
  ) throws(BlockMergeError) -> NewBlock.Written? {
    // The end of time has no end behind it.
    let last = window.upperBound == .max ? .max : window.upperBound - 1
    let merge = BlockMerge(inputs: [input], range: window.lowerBound...last)
    let summary = try merge.run(into: writer) { progress in
      context.progress?.update(progress.readSeries, of: progress.totalSeries, "series")
      return true
    }
    return summary.map { NewBlock.Written(fingerprint: $0.fingerprint, series: $0.series) }
  }
}
