internal import ArgumentParser
internal import Console
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
    let directory = try location.path()
    let blocks = try namesInDirectory(directory)
      .filter { BlockID($0) != nil && isDirectory("\(directory)/\($0)") }
      .map { ListedBlock(directory: "\(directory)/\($0)", name: $0) }
    switch output {
    case .text: try context.output.write(table(blocks, in: directory, context.terminal))
    case .json:
      let list = RawJSON.array(blocks.map(\.json))
      try context.output.write(list.compactBytes + [UInt8(ascii: "\n")])
    }
    return blocks.contains { $0.problem != nil } ? .damaged : .clean
  }

  private func table(
    _ blocks: [ListedBlock], in directory: String, _ terminal: Terminal
  ) -> String {
    guard !blocks.isEmpty else { return "no blocks in \(directory)\n" }
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

/// One block of a listing.
struct ListedBlock {
  var name: String
  var meta: BlockMeta?
  var problem: String?
  var size = 0
  var marks: [String] = []

  init(directory: String, name: String) {
    self.name = name
    do {
      meta = try BlockReader.readMeta(directory)
    } catch {
      problem = error.detail ?? error.code.rawValue
    }
    size = Self.byteCount(directory) + Self.byteCount(directory + "/chunks")
    let files: [(String, String)] = [
      (DeletionMark.fileName, "marked for deletion"), (NoCompactMark.fileName, "no compaction"),
      (NoDownsampleMark.fileName, "no downsampling"),
    ]
    for (file, remark) in files where fileByteCount("\(directory)/\(file)") != nil {
      marks.append(remark)
    }
    if let hints = meta?.compaction.hints { marks += hints }
  }

  private static func byteCount(_ directory: String) -> Int {
    let names = (try? namesInDirectory(directory)) ?? []
    return names.reduce(0) { $0 + (fileByteCount("\(directory)/\($1)") ?? 0) }
  }

  var json: RawJSON {
    .object([
      "ulid": .string(name),
      "minTime": meta.map { .count($0.minTime) },
      "maxTime": meta.map { .count($0.maxTime) },
      "compactionLevel": meta.map { .count($0.compaction.level) },
      "resolution": meta.map { .count($0.resolution) },
      "series": meta.map { .count($0.stats.series) },
      "chunks": meta.map { .count($0.stats.chunks) },
      "samples": meta.map { .count($0.stats.samples) },
      "labels": meta?.thanos.map { .labels($0.labels.map { ($0.name, $0.value) }) },
      "size": .count(size),
      "marks": .array(marks.map { .string($0) }),
      "problem": problem.map { .string($0) },
    ])
  }
}
