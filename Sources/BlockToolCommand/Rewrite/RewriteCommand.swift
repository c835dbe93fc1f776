internal import ArgumentParser
internal import BlockCatalog
internal import CommandSupport
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// `blocktool rewrite`, and `blocktool bucket rewrite`
struct RewriteCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "rewrite",
    abstract: "Delete samples from blocks, or relabel their series.",
    discussion: """
      blocktool rewrite BLOCK -o DIR --rewrite.to-delete-config "[{matchers: '{job=\\"test\\"}'}]"
      blocktool rewrite BLOCK -o DIR --no-dry-run --rewrite.to-relabel-config-file rules.yml
      blocktool rewrite --objstore.config-file=bucket.yml --id 01HRHZ2KZ8H174NHP7YJ73AGKH \\
        --rewrite.to-delete-config-file delete.yml --no-dry-run --delete-blocks

      Deletions are a list of 'matchers' and 'intervals' with 'mint' and 'maxt' in milliseconds;
      without intervals everything that matches goes. Of a downsampled block every window goes that
      holds a deleted time. Relabel rules are those of Prometheus; series that become equal are merged.
      Deletions look at the old labels.

      By default nothing is written: what would change is logged, one series a line. With --no-dry-run
      new blocks are written, read back and compared, then moved to -o, or uploaded. --delete-blocks
      marks the old ones for deletion then. The block viewer and meta.json show what was done.

      All chunk encodings and downsampled blocks can be rewritten. Symbols that no series uses any more
      are gone from the new block. The old files stay until they are deleted.
      Exit codes: 0 clean, 1 usage or I/O error, 2 damage found.
      """)

  @Argument(help: "The directories of the blocks; with a bucket give --id instead.")
  var blocks: [String] = []

  @OptionGroup var input: BlockInput

  @Option(help: ArgumentHelp("A block of the bucket; may be given again.", valueName: "ulid"))
  var id: [BlockID] = []

  @Option(
    name: [.customShort("o"), .customLong("output-directory")],
    help: "Where new blocks go that are not uploaded; made when it does not exist.")
  var directory: String?

  @Flag(
    name: .customLong("dry-run"), inversion: .prefixedNo,
    help: "Only say what would change.")
  var dryRun = true

  @Flag(
    name: .customLong("prom-blocks"), help: "Take blocks of a bucket that have no external labels.")
  var takesPrometheusBlocks = false

  @Flag(
    name: .customLong("delete-blocks"),
    help: "Mark the old blocks for deletion when the new ones are uploaded.")
  var deletesBlocks = false

  @OptionGroup var hashes: HashOptions

  @OptionGroup var requests: RewriteRequestOptions

  @Flag(
    name: .customLong("rewrite.add-change-log"), inversion: .prefixedNo,
    help: "Log every changed series, to the file change.log in the directory of the new block.")
  var addsChangeLog = true

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func validate() throws {
    guard blocks.isEmpty != id.isEmpty else {
      throw ValidationError("Name directories of blocks, or blocks of a bucket with --id.")
    }
    guard id.isEmpty == !input.isBucket else {
      throw ValidationError("--id and --objstore.config-file go together.")
    }
    guard dryRun || input.isBucket || directory != nil else {
      throw ValidationError("Say with -o where the new blocks go.")
    }
    guard !deletesBlocks || input.isBucket else {
      throw ValidationError("--delete-blocks marks blocks of a bucket; there is none.")
    }
  }

  func run(_ context: ToolContext) throws -> ToolStatus {
    let request = try requests.read()
    let bucket = input.isBucket ? try context.openBucket(input.objectStore.source) : nil
    let scratch = try ScratchDirectory(in: input.scratch)
    let names = blocks.isEmpty ? id.map(\.description) : blocks
    var status = ToolStatus.clean
    for name in names {
      // One after the other: a remote block may take much space.
      let one = try input.withBlock(name, context) { path in
        try context.rewriting([path]) {
          let rewrite = Rewrite(
            request: request, command: self, bucket: bucket, scratch: scratch, context: context)
          try rewrite.run(path)
          return .clean
        }
      }
      if one != .clean { status = one }
    }
    return status
  }
}

/// `--rewrite.to-delete-config`, `--rewrite.to-relabel-config` and their files.
struct RewriteRequestOptions: ParsableArguments {
  @Option(
    name: .customLong("rewrite.to-delete-config-file"),
    help: ArgumentHelp("YAML file with what to delete.", valueName: "path"))
  var deletePath: String?

  @Option(
    name: .customLong("rewrite.to-delete-config"),
    help: ArgumentHelp("The same as text.", valueName: "yaml"))
  var deleteText: String?

  @Option(
    name: .customLong("rewrite.to-relabel-config-file"),
    help: ArgumentHelp("YAML file with relabel rules.", valueName: "path"))
  var relabelPath: String?

  @Option(
    name: .customLong("rewrite.to-relabel-config"),
    help: ArgumentHelp("The same as text.", valueName: "yaml"))
  var relabelText: String?

  private var deletions: PathOrContent {
    PathOrContent(name: "rewrite.to-delete-config", path: deletePath, content: deleteText)
  }

  private var relabeling: PathOrContent {
    PathOrContent(name: "rewrite.to-relabel-config", path: relabelPath, content: relabelText)
  }

  func validate() throws {
    try deletions.validate(isOptional: true)
    try relabeling.validate(isOptional: true)
    guard deletions.isGiven || relabeling.isGiven else {
      throw ValidationError(
        "Say what to rewrite, with --rewrite.to-delete-config-file or "
          + "--rewrite.to-relabel-config-file.")
    }
  }

  func read() throws -> RewriteRequest {
    var request = RewriteRequest()
    let (deletions, relabeling) = (deletions, relabeling)
    do {
      if deletions.isGiven {
        let text = try waitFor { try await deletions.text() }
        request.deletions = try RewriteRequest.deletions(yaml: text)
      }
    } catch let error as ConfigurationError {
      throw ToolError("\(deletions.origin): \(error)")
    }
    do {
      if relabeling.isGiven {
        let text = try waitFor { try await relabeling.text() }
        request.relabeling = try SeriesRelabeling.parse(yaml: text)
      }
    } catch let error as ConfigurationError {
      throw ToolError("\(relabeling.origin): \(error)")
    }
    return request
  }
}
