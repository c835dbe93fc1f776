internal import ArgumentParser
internal import Console
internal import Glibc
internal import TSDBBlock

/// `blocktool create FILE -o DIRECTORY`
struct CreateCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Make blocks from OpenMetrics text.",
    discussion: """
      blocktool create metrics.om -o /var/lib/prometheus
      zcat metrics.om.gz | blocktool create - -o /bucket --label cluster=eu-1 --label replica=a

      Every sample needs a time in seconds, and the text ends with # EOF; samples may come in any
      order. One block is written for each two hours that have samples, aligned as Prometheus aligns
      them. All blocks appear at the end, or none. Of a long text a part is held in memory, about 200
      MiB; the rest waits on disk, beside the new blocks, and takes less than the text. With --label
      the blocks get the Thanos section that a bucket needs.
      Exit codes: 0 clean, 1 usage or I/O error.
      """)

  @Argument(help: "The file with OpenMetrics text, - for the standard input.")
  var file: String

  @Option(
    name: [.customShort("o"), .customLong("output-directory")],
    help: "Where the blocks go; made when it does not exist.")
  var directory: String

  @Option(
    name: .long,
    help: ArgumentHelp("An external label of the blocks, any number of times.", valueName: "n=v"))
  var label: [String] = []

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws { _ = try externalLabels() }

  /// Held samples, before they go to disk.
  private static let heldByteCountLimit = 128 << 20

  func run(_ context: ToolContext) throws -> ToolStatus {
    let blocks = NewBlocks(in: directory)
    let samples = SampleSort(heldByteCountLimit: Self.heldByteCountLimit) {
      () throws(ToolError) in try blocks.directory()
    }
    context.progress?.begin("reading")
    try OpenMetricsReader.read(file, into: samples) { done, total in
      context.progress?.update(done, of: total, "bytes")
    }
    context.progress?.begin("writing")
    let creation = BlockCreation(
      samples: samples, blocks: blocks, externalLabels: try externalLabels())
    let created = try creation.run { done, total in
      context.progress?.update(done, of: total, "blocks")
    }
    context.progress?.clear()
    for block in created { try tell(block, context) }
    return .clean
  }

  private func tell(_ block: BlockCreation.Created, _ context: ToolContext) throws {
    switch output {
    case .text:
      try context.output.write(
        "\(block.id)  \(HumanText.time(block.minTime)) to \(HumanText.time(block.maxTime))  "
          + "\(HumanText.count(block.stats.series)) series, "
          + "\(HumanText.count(block.stats.samples)) samples\n")
    case .json:
      let line = RawJSON.object([
        "ulid": .string(block.id.description), "minTime": .count(block.minTime),
        "maxTime": .count(block.maxTime), "series": .count(block.stats.series),
        "chunks": .count(block.stats.chunks), "samples": .count(block.stats.samples),
      ])
      try context.output.write(line.compactBytes + [UInt8(ascii: "\n")])
    }
  }

  private func externalLabels() throws -> [ThanosMeta.Label] { try ExternalLabels.parse(label) }
}
