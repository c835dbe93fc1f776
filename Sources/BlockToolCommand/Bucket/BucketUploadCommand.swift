internal import ArgumentParser
internal import BlockCatalog
internal import CommandSupport
internal import Console
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// `blocktool bucket upload`
struct BucketUploadCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "upload",
    abstract: "Put local blocks into a bucket.",
    discussion: """
      blocktool bucket upload --objstore.config-file=bucket.yml --path /var/lib/prometheus \\
        --label 'cluster="eu-1"'
      blocktool bucket upload --objstore.config-file=bucket.yml SALVAGED-BLOCK

      Uploads blocks that the bucket does not have: segments, some of them at once, index, and meta.json
      last. Every block is read from beginning to end before, and the sizes in the bucket are compared
      after. Of a directory only blocks of level 1 are taken, unless --shipper.upload-compacted is given;
      a block that is named is taken whatever its level. Blocks with external labels keep them; the
      others get those of --label. 'upload-blocks' is accepted as name of the command.
      Exit codes: 0 clean, 1 usage or I/O error, 2 a block is damaged and was not uploaded.
      """,
    aliases: ["upload-blocks"])

  @Argument(help: "Directories of blocks.")
  var blocks: [String] = []

  @OptionGroup var bucket: BucketOptions

  @Option(help: ArgumentHelp("Directory that holds blocks.", valueName: "path"))
  var path: String?

  @Option(
    help: ArgumentHelp(
      "An external label for blocks that have none: cluster=\"eu-1\"; may be given again.",
      valueName: "n=v"))
  var label: [String] = []

  @Flag(
    name: .customLong("shipper.upload-compacted"),
    help: "Take blocks of --path that were compacted, too.")
  var takesCompacted = false

  @Option(
    name: .customLong("shipper.upload-concurrency"),
    help: ArgumentHelp("Segments of a block uploaded at once.", valueName: "n"))
  var concurrency = 5

  @OptionGroup var hashes: HashOptions

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard concurrency > 0 else {
      throw ValidationError("--shipper.upload-concurrency must be at least 1.")
    }
    _ = try labels()
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    let bucket = try bucket.open(context)
    var status = ToolStatus.clean
    for (directory, isNamed) in try directories() {
      do {
        try tell(directory, try upload(directory, isNamed: isNamed, to: bucket, context), context)
      } catch let error as BlockError {
        guard error.code != .missing && error.code != .unreadable else {
          throw ToolError("\(error)")
        }
        status = context.damaged(error, in: directory)
      } catch let error as BlockUploadError {
        throw ToolError("\(error)")
      }
    }
    return status
  }

  private enum Result {
    case uploaded(BlockMeta)
    case isThere(BlockID)
    case compacted(BlockID)
    case empty(BlockID)
  }

  private func upload(
    _ directory: String, isNamed: Bool, to bucket: any Bucket, _ context: ToolContext
  ) throws -> Result {
    var meta = try BlockReader.readMeta(directory)
    let id = meta.id
    if meta.compaction.level > 1, !takesCompacted, !isNamed { return .compacted(id) }
    if try waitFor({ try await BlockMarking.isMarkable(id, in: bucket) }) { return .isThere(id) }
    if meta.stats.samples == 0, meta.stats.series == 0 { return .empty(id) }
    var thanos = meta.thanos ?? ThanosMeta()
    thanos.version = 1
    if thanos.labels.isEmpty { thanos.labels = try labels() }
    thanos.source = "bucket.upload"
    meta.thanos = thanos
    guard !thanos.labels.isEmpty else {
      throw ToolError(
        "block \(id) has no external labels; say whose it is with --label, such as "
          + "--label 'cluster=\"eu-1\"'")
    }
    var upload = try LocalUpload.verified(directory, meta, context)
    upload.fileConcurrency = concurrency
    upload.hashFunction = hashes.function
    let request = upload
    return .uploaded(
      try waitFor { try await request.run(to: bucket, now: WallClock.milliseconds()) })
  }

  /// Blocks and whether they were named themselves.
  private func directories() throws -> [(String, Bool)] {
    for block in blocks where !isDirectory(block) {
      throw ToolError("\(block) is not a directory; name the directory of a block")
    }
    guard blocks.isEmpty || path != nil else { return blocks.map { ($0, true) } }
    let path = path ?? "./data"
    guard isDirectory(path) else {
      throw ToolError("\(path) is not a directory; name one that holds blocks with --path")
    }
    let found = try namesInDirectory(path).filter { BlockID($0) != nil }
      .map { "\(path)/\($0)" }.filter(isDirectory)
    return blocks.map { ($0, true) } + found.map { ($0, false) }
  }

  /// Thanos takes values in quotes.
  private func labels() throws -> [ThanosMeta.Label] {
    try ExternalLabels.parse(
      label.map { text in
        guard let sign = text.firstIndex(of: "=") else { return text }
        var value = text[text.index(after: sign)...]
        if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
          value = value.dropFirst().dropLast()
        }
        return String(text[...sign] + value)
      })
  }

  private func tell(_ directory: String, _ result: Result, _ context: ToolContext) throws {
    let (id, word, text): (BlockID, String, String) =
      switch result {
      case .uploaded(let meta):
        (
          meta.id, "uploaded",
          "uploaded, \(HumanText.plural(Int(clamping: meta.stats.samples), "sample"))"
        )
      case .isThere(let id): (id, "exists", "is there")
      case .compacted(let id):
        (id, "compacted", "left out: compacted; --shipper.upload-compacted takes it")
      case .empty(let id): (id, "empty", "left out: it has no samples")
      }
    switch output {
    case .text: try context.output.write("\(id)  \(text)\n")
    case .json:
      let line = RawJSON.object([
        "ulid": .string(id.description), "directory": .string(directory), "result": .string(word),
      ])
      try context.output.write(line.compactBytes + [0x0A])
    }
  }
}
