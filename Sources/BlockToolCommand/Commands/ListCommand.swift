internal import ArgumentParser
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// `blocktool ls BUCKET-OR-DIRECTORY`
struct ListCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls",
    abstract: "List the blocks in a directory or a bucket.",
    discussion: """
      blocktool ls /var/lib/prometheus
      blocktool ls --objstore.config-file=bucket.yml --output json

      Reads only meta.json of each block. Exit codes: 0 clean, 1 usage or I/O error, 2 a block has
      no readable meta.json.
      """)

  @OptionGroup var location: BlocksLocation

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func run(_ context: ToolContext) throws -> ToolStatus {
    let bucket = try location.bucket(context)
    let blocks = try ListedBlock.all(in: bucket)
    switch output {
    case .text: try context.output.write(table(blocks, in: bucket, context.terminal))
    case .json:
      let list = RawJSON.array(blocks.map(\.json))
      try context.output.write(list.compactBytes + [UInt8(ascii: "\n")])
    }
    return blocks.contains { $0.problem != nil } ? .damaged : .clean
  }

  private func table(
    _ blocks: [ListedBlock], in bucket: any Bucket, _ terminal: Terminal
  ) -> String {
    guard !blocks.isEmpty else {
      return "no blocks in \(bucket.localDirectory ?? bucket.name)\n"
    }
    var table = Table(
      "block", "from", "to", ">range", ">level", "resolution", ">series", ">samples", ">size",
      "labels", "remarks")
    for block in blocks {
      guard let meta = block.meta else {
        table.add(
          block.name, "-", "-", "-", "-", "-", "-", "-", HumanText.bytes(block.size), "-",
          block.problem ?? "-")
        continue
      }
      table.add(
        block.name, HumanText.time(meta.minTime), HumanText.time(meta.maxTime),
        HumanText.duration(from: meta.minTime, to: meta.maxTime), "\(meta.compaction.level)",
        HumanText.resolution(meta.resolution), HumanText.count(meta.stats.series),
        HumanText.count(meta.stats.samples), HumanText.bytes(block.size),
        meta.thanos.map { LabelSet($0.labels.map { ($0.name, $0.value) }).description } ?? "-",
        block.marks.joined(separator: ", "))
    }
    return table.render(terminal)
  }
}
