internal import ArgumentParser
internal import Console
internal import TSDBBlock

/// `blocktool index-header BLOCK -o FILE`
struct IndexHeaderCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "index-header",
    abstract: "Write the index-header that Thanos store keeps of a block.",
    discussion: """
      blocktool index-header BLOCK -o index-header

      Byte for byte the file that Thanos makes: symbols, postings offset table and table of contents
      of the index. All of them are verified first.
      Exit codes: 0 clean, 1 usage or I/O error, 2 damage found.
      """)

  @Argument(help: "The directory of the block, or its ULID in a bucket, or its index file.")
  var block: String

  @OptionGroup var input: BlockInput

  @Option(
    name: [.customShort("o"), .customLong("output-file")], help: "The file to write.")
  var file: String

  func run(_ context: ToolContext) throws -> ToolStatus {
    try input.withBlock(block, context, parts: .index) {
      var command = self
      command.block = $0
      return try command.carryOut(context)
    }
  }

  private func carryOut(_ context: ToolContext) throws -> ToolStatus {
    let path = isDirectory(block) ? block + "/index" : block
    do {
      let storage = try ByteStorage(mapping: path)
      let bytes = try IndexHeaderLayout.indexHeader(of: ByteSlice(storage))
      let header = try IndexHeader(ByteSlice(ByteStorage(bytes)), path: path)
      try write(bytes)
      try context.output.write(
        "\(file)  \(HumanText.bytes(bytes.count)) of \(HumanText.bytes(storage.count)), "
          + "\(HumanText.plural(header.symbols.count, "symbol"))\n")
      return .clean
    } catch let error as BlockError {
      switch error.code {
      case .missing, .unreadable, .unwritable: throw ToolError("\(error)")
      default: return context.damaged(error, in: path)
      }
    }
  }

  private func write(_ bytes: [UInt8]) throws {
    let temporary = file + ".tmp"
    let leftover = Leftover(temporary)
    FileSystem.removeTree(temporary)
    try FileSystem.append(bytes, to: temporary)
    try FileSystem.rename(temporary, to: file)
    leftover.keep()
  }
}
