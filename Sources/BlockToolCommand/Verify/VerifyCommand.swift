internal import ArgumentParser
internal import Console
internal import Glibc
internal import TSDBBlock

/// `blocktool verify BLOCK-OR-DIRECTORY…`
struct VerifyCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check blocks for damage, and say what each damage means for the data.",
    discussion: """
      blocktool verify /data/01HRHZ2KZ8H174NHP7YJ73AGKH
      blocktool verify /data
      blocktool verify --objstore.config-file=bucket.yml --quiet
      blocktool verify 01HRHZ2KZ8H174NHP7YJ73AGKH --objstore.config-file=bucket.yml
      blocktool verify /bucket --output json | jq '.blocks[] | select(.isDamaged) | .directory'

      Of a directory all blocks below it are checked, of a bucket all or those whose ULIDs are given;
      blocks of a remote bucket are copied to --tmp.dir, a few at a time. Every checksum is computed and every sample
      decoded; index, chunks, tombstones, meta.json and the files that it lists are compared with
      each other, also by the SHA256 that it may list, and the blocks among themselves for duplicates
      and overlaps. Nothing is changed.
      Exit codes: 0 no finding or warnings only, 1 usage or I/O error, 2 damage found.
      """)

  @Argument(help: "Blocks, or directories that hold some; with a bucket ULIDs.")
  var paths: [String] = []

  @OptionGroup var input: BlockInput

  @Option(
    help: "Blocks that are checked at the same time; as many as there are processors if not given.")
  var concurrency: Int?

  @Flag(help: "Print only blocks with findings.")
  var quiet = false

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard concurrency ?? 1 > 0 else { throw ValidationError("--concurrency must be positive.") }
    guard !paths.isEmpty || input.isBucket else {
      throw ValidationError("Name blocks or directories, or give --objstore.config-file=PATH.")
    }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    let blocks = try VerificationSource(paths, input, context)
    context.progress?.begin("verify")
    defer { context.progress?.clear() }
    var checked: [VerifiedBlock] = []
    var text = VerifyText(context.terminal, isQuiet: quiet)
    try blocks.verify(threads: concurrency ?? processorCount(), context) { block in
      if output == .text {
        let lines = text.block(block)
        if !lines.isEmpty { context.progress?.clear() }
        try context.output.write(lines)
      }
      checked.append(block)
      context.progress?.update(checked.count, of: blocks.count, "blocks")
    }
    context.progress?.clear()
    let relations = BlockRelation.all(among: checked)
    switch output {
    case .text: try context.output.write(text.end(relations))
    case .json:
      try context.output.write(VerifyJSON(checked, relations).bytes + [UInt8(ascii: "\n")])
    }
    return checked.contains { $0.isDamaged } ? .damaged : .clean
  }
}

func processorCount() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
