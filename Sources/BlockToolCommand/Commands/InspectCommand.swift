internal import ArgumentParser
internal import TSDBBlock

/// `blocktool inspect BLOCK`
struct InspectCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Read every byte of a block and say what is in it and what is wrong with it.",
    discussion: """
      blocktool inspect /data/01HRHZ2KZ8H174NHP7YJ73AGKH
      blocktool inspect BLOCK --top 0
      blocktool inspect BLOCK --output json | jq '.problems'

      Every checksum is computed, every sample decoded, and index, chunks, tombstones and
      meta.json are compared with each other. Nothing is changed.
      Exit codes: 0 clean, 1 usage or I/O error, 2 damage found.
      """)

  @Argument(help: "The directory of the block.")
  var block: String

  @Option(help: "Entries of each label list.")
  var top = 10

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard top >= 0 else { throw ValidationError("--top must not be negative.") }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    guard isDirectory(block) else {
      throw ToolError("\(block) is not a directory; name the directory of a block")
    }
    let names = try namesInDirectory(block)
    guard names.contains(where: { ["meta.json", "index", "chunks"].contains($0) }) else {
      throw ToolError(
        "\(block) is not a block: it has neither meta.json nor index nor chunks; "
          + "for a directory of blocks use blocktool ls")
    }
    let scan = BlockScan(directory: block)
    switch output {
    case .text: try context.output.write(InspectText(scan, top, context.terminal).text)
    case .json: try context.output.write(InspectJSON(scan, top).bytes + [UInt8(ascii: "\n")])
    }
    return scan.isDamaged ? .damaged : .clean
  }
}
