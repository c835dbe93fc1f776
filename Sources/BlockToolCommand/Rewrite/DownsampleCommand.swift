internal import ArgumentParser
internal import BlockCatalog
internal import CommandSupport
internal import Console
internal import TSDBBlock

/// `blocktool downsample BLOCK -o DIRECTORY --resolution 5m`
struct DownsampleCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "downsample",
    abstract: "Make a downsampled block for Thanos.",
    discussion: """
      blocktool downsample RAW-BLOCK -o /tmp/out --resolution 5m
      blocktool downsample FIVE-MINUTE-BLOCK -o /tmp/out --resolution 1h

      Every window becomes a count, a sum, the smallest, the largest and the counter value. As
      Thanos does it, the result keeps level, sources and times of the block. Deleted samples are
      left out. The result is read back before it gets its name.
      Exit codes: 0 clean, 1 usage or I/O error, 2 damage found.
      """)

  enum Resolution: String, ExpressibleByArgument, CaseIterable {
    case fiveMinutes = "5m"
    case oneHour = "1h"

    var milliseconds: Int64 { self == .fiveMinutes ? 300_000 : 3_600_000 }
  }

  @Argument(help: "The directory of the block, or its ULID in a bucket.")
  var block: String

  @OptionGroup var input: BlockInput

  @OptionGroup var options: RewriteOptions

  @OptionGroup var hashes: HashOptions

  @Option(help: "5m or 1h.")
  var resolution: Resolution

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
      let block = try NewBlock(
        in: options.directory,
        BlockLineage.downsampled(input.meta, resolution: resolution.milliseconds), context)
      let hasSamples = try block.write { (writer) throws(BlockMergeError) in
        try downsample(input, into: writer, context)
      }
      guard hasSamples else {
        throw ToolError("the block holds no samples to downsample; nothing was written")
      }
      try block.listFiles(hashes.function)
      try block.publish()
      try block.tell(options.output)
      return .clean
    }
  }

  private func downsample(
    _ input: BlockReader, into writer: BlockWriter, _ context: ToolContext
  ) throws(BlockMergeError) -> NewBlock.Written? {
    let downsample = BlockDownsample(input: input, resolution: resolution.milliseconds)
    context.progress?.begin("downsampling")
    let summary = try downsample.run(into: writer) { progress in
      context.progress?.update(progress.readSeries, of: progress.totalSeries, "series")
      return true
    }
    return summary.map { NewBlock.Written(fingerprint: $0.fingerprint, series: $0.series) }
  }
}
