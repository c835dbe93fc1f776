internal import ArgumentParser
internal import TSDBBlock

/// `blocktool inspect BLOCK`
struct InspectCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what is in a block and what is wrong with it.",
    discussion: """
      blocktool inspect /data/01HRHZ2KZ8H174NHP7YJ73AGKH
      blocktool inspect 01HRHZ2KZ8H174NHP7YJ73AGKH --objstore.config-file=bucket.yml
      blocktool inspect BLOCK --deep
      blocktool inspect BLOCK --top 0
      blocktool inspect BLOCK --output json | jq '.problems'
      blocktool inspect BLOCK --map | grep DAMAGED
      blocktool inspect BLOCK --at index:4720
      blocktool inspect /backup/000001 --at 8
      blocktool inspect BLOCK --chunks 'up{job="api"}' --samples

      Every checksum is computed, and index, chunks, tombstones and meta.json are compared with
      each other. With --deep every sample is decoded, too, which finds chunks that are stored as
      they were written and make no sense; it takes a few times as long. Nothing is changed.

      --map lists every range of bytes with its meaning, --at explains the bytes at one place, and
      --chunks lists the chunks of series. --map and --at also take a single index, segment or
      tombstones file.
      Exit codes: 0 clean, 1 usage or I/O error, 2 damage found.
      """)

  @Argument(
    help:
      "The directory of the block, or its ULID in a bucket; with --map or --at also one file of it."
  )
  var block: String

  @OptionGroup var input: BlockInput

  @Flag(help: "Decode every sample.")
  var deep = false

  @Option(help: "Entries of each label list.")
  var top = 10

  @Option(help: "text or json.")
  var output = OutputFormat.text

  @Flag(help: "List every range of bytes of index, segments and tombstones.")
  var map = false

  @Option(
    help: ArgumentHelp(
      "Explain the bytes at a place: index:4720, chunks/000001:0x8.", valueName: "file:offset"))
  var at: String?

  @Option(
    help: ArgumentHelp("List the chunks of the series that match.", valueName: "selector"))
  var chunks: String?

  @Flag(help: "With --chunks: print the samples of the chunks.")
  var samples = false

  func validate() throws {
    guard top >= 0 else { throw ValidationError("--top must not be negative.") }
    guard [map, at != nil, chunks != nil].filter(\.self).count <= 1 else {
      throw ValidationError("Give one of --map, --at and --chunks.")
    }
    guard !deep || !(map || at != nil || chunks != nil) else {
      throw ValidationError("--map, --at and --chunks look as deep as they can without --deep.")
    }
    guard !samples || chunks != nil else {
      throw ValidationError("--samples needs --chunks, which says of which series.")
    }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    try input.withBlock(block, context) {
      var command = self
      command.block = $0
      return try command.carryOut(context)
    }
  }

  private func carryOut(_ context: ToolContext) throws -> ToolStatus {
    if map { return try InspectMap(block, output, context).run() }
    if let at { return try InspectPlace(block, at, output, context).run() }
    if let chunks {
      var inspection = InspectChunks(block, samples: samples, output, context)
      return try inspection.run(chunks)
    }
    guard isDirectory(block) else {
      let hint = fileByteCount(block) == nil ? "" : "; --map and --at look into single files"
      throw ToolError("\(block) is not a directory; name the directory of a block" + hint)
    }
    let names = try namesInDirectory(block)
    guard names.contains(where: { ["meta.json", "index", "chunks"].contains($0) }) else {
      throw ToolError(
        "\(block) is not a block: it has neither meta.json nor index nor chunks; "
          + "for a directory of blocks use blocktool ls")
    }
    let scan = BlockScan(
      directory: block, depth: deep ? .samples : .checksums, threads: processorCount())
    switch output {
    case .text: try context.output.write(InspectText(scan, top, context.terminal).text)
    case .json: try context.output.write(InspectJSON(scan, top).bytes + [UInt8(ascii: "\n")])
    }
    return scan.isDamaged ? .damaged : .clean
  }
}
