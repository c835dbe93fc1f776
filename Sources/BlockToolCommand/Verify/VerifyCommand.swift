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
      blocktool verify /bucket --output json | jq '.blocks[] | select(.isDamaged) | .directory'

      Of a directory all blocks below it are checked. Every checksum is computed and every sample
      decoded; index, chunks, tombstones, meta.json and the files that it lists are compared with
      each other, and the blocks among themselves for duplicates and overlaps. Nothing is changed.
      Exit codes: 0 no finding or warnings only, 1 usage or I/O error, 2 damage found.
      """)

  @Argument(help: "Blocks, or directories that hold some.")
  var paths: [String]

  @Option(
    help: "Blocks that are checked at the same time; as many as there are processors if not given.")
  var concurrency: Int?

  @Flag(help: "Print only blocks with findings.")
  var quiet = false

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard concurrency ?? 1 > 0 else { throw ValidationError("--concurrency must be positive.") }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    let directories = try blocks()
    context.progress?.begin("verify")
    defer { context.progress?.clear() }
    var checked: [VerifiedBlock] = []
    var text = VerifyText(context.terminal, isQuiet: quiet)
    try ParallelVerification.run(directories, threads: concurrency ?? processorCount()) { block in
      if output == .text {
        let lines = text.block(block)
        if !lines.isEmpty { context.progress?.clear() }
        try context.output.write(lines)
      }
      checked.append(block)
      context.progress?.update(checked.count, of: directories.count, "blocks")
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

  /// The blocks that the arguments name, in the order of these and then by path.
  private func blocks() throws -> [String] {
    var found: [String] = []
    for path in paths {
      guard isDirectory(path) else {
        throw ToolError("\(path) is not a directory; name a block or a directory of blocks")
      }
      let below = isBlock(path) ? [path] : try blocks(below: path, depth: 0)
      guard !below.isEmpty else { throw ToolError("there are no blocks in \(path)") }
      found += below.filter { !found.contains($0) }
    }
    return found
  }

  /// Deeper than any layout of a bucket.
  private static let depthLimit = 8

  private func blocks(below path: String, depth: Int) throws -> [String] {
    guard depth < Self.depthLimit else { return [] }
    var found: [String] = []
    for name in try namesInDirectory(path) {
      let child = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      guard isDirectory(child) else { continue }
      if BlockID(name) != nil {
        found.append(child)
      } else {
        found += try blocks(below: child, depth: depth + 1)
      }
    }
    return found
  }
}

private func processorCount() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
