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
      blocktool create metrics.om -o /bucket --label cluster=eu-1 --label replica=a

      Every sample needs a time in seconds, and the text ends with # EOF. One block is written for
      each two hours that have samples, aligned as Prometheus aligns them; the text is held in
      memory meanwhile. With --label the blocks get the Thanos section that a bucket needs.
      Exit codes: 0 clean, 1 usage or I/O error.
      """)

  @Argument(help: "The file with OpenMetrics text.")
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

  func run(_ context: ToolContext) throws -> ToolStatus {
    var reader = try OpenMetricsReader(path: file)
    try reader.sort()
    guard !reader.series.isEmpty else { throw ToolError("\(file) holds no samples") }
    guard unsafe mkdir(directory, 0o777) == 0 || isDirectory(directory) else {
      throw ToolError("cannot make \(directory): \(unsafe String(cString: strerror(errno)))")
    }
    let creation = BlockCreation(
      series: reader.series, externalLabels: try externalLabels(), directory: directory)
    do {
      try creation.run { try tell($0, context) }
    } catch let error as BlockError {
      throw ToolError("\(error)")
    }
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
