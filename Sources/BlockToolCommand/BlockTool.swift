internal import ArgumentParser
internal import CommandSupport
internal import Console
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// `blocktool`: looks into Prometheus TSDB blocks and makes them.
struct BlockTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blocktool",
    abstract: "Look into Prometheus TSDB blocks, find damage, read and write samples.",
    discussion: """
      blocktool inspect /data/01HRHZ2KZ8H174NHP7YJ73AGKH
      blocktool verify /data
      blocktool salvage BLOCK -o /data/salvaged
      blocktool ls /data
      blocktool series BLOCK --match 'up{job="api"}'
      blocktool dump BLOCK --match up --format openmetrics
      blocktool create metrics.om -o /data
      blocktool diff BEFORE AFTER
      blocktool merge BLOCK BLOCK -o /data
      blocktool inspect 01HRHZ2KZ8H174NHP7YJ73AGKH --objstore.config-file=bucket.yml
      blocktool bucket ls --objstore.config-file=bucket.yml

      Commands that take a block take it from a bucket too: give the bucket and the block's ULID.
      With --quiet, anywhere, no command shows how far it has come; verify then names damage only.
      Exit codes: 0 clean, 1 usage or I/O error, 2 damage found, 3 blocks differ. Ctrl-C and SIGTERM
      end a command at once; copies of remote blocks and unfinished new ones are removed before.
      """,
    version: BuildInfo.text(program: "blocktool"),
    subcommands: [
      InspectCommand.self, VerifyCommand.self, SalvageCommand.self, ListCommand.self,
      SeriesCommand.self, DumpCommand.self, CreateCommand.self, DiffCommand.self,
      MergeCommand.self, DownsampleCommand.self, SplitCommand.self, RewriteCommand.self,
      ChunkCommand.self, IndexHeaderCommand.self, BucketCommand.self,
    ])
}

extension BlockTool {
  /// Runs a command line. Errors become one line through the context's remarks; help goes to its
  /// output.
  static func run(_ arguments: [String], _ context: ToolContext) -> ToolStatus {
    var context = context
    var arguments = arguments
    if let quiet = quiet(in: arguments) {
      context.progress = nil
      // To verify it means more.
      if arguments.first != "verify" { arguments.remove(at: quiet) }
    }
    do {
      var command = try parseAsRoot(BucketArguments.prepare(arguments))
      let status: ToolStatus
      if let tool = command as? any ToolCommand {
        status = try tool.run(context)
      } else {
        // Help, or a group of commands, which prints its help.
        try command.run()
        status = .clean
      }
      try context.output.flush()
      return status
    } catch is OutputClosed {
      return .clean
    } catch {
      guard let reason = reason(of: error) else { return tell(error, context) }
      try? context.output.flush()
      context.progress?.clear()
      context.remark("blocktool: \(reason)")
      return .failed
    }
  }

  /// The place of `--quiet`, which every command takes.
  private static func quiet(in arguments: [String]) -> Int? {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    return arguments[..<end].firstIndex(of: "--quiet")
  }

  /// One line for failures of ours; nil for what the argument parser throws.
  private static func reason(of error: any Error) -> String? {
    switch error {
    case let error as ToolError: error.description
    case let error as CommandError: error.description
    case let error as BucketError: error.description
    default: nil
    }
  }

  /// What the argument parser throws: help, or a mistake.
  private static func tell(_ error: any Error, _ context: ToolContext) -> ToolStatus {
    let message = fullMessage(for: error)
    guard exitCode(for: error).isSuccess else {
      context.remark(message)
      return .failed
    }
    do {
      try context.output.write(message + "\n")
      try context.output.flush()
    } catch {
      return .failed
    }
    return .clean
  }
}

/// What the process returns. Documented, never renumber.
enum ToolStatus: Int32 {
  case clean = 0
  /// The arguments make no sense, or a file could not be read or written.
  case failed = 1
  /// The block, or one of the blocks, is damaged.
  case damaged = 2
  /// Two blocks hold different things.
  case different = 3
}

/// A subcommand that writes through a context, so that tests can read what it writes.
protocol ToolCommand: ParsableCommand {
  func run(_ context: ToolContext) throws -> ToolStatus
}

struct ToolContext {
  var output: Output
  var terminal: Terminal
  /// Where remarks go that are not part of the answer.
  var remark: (String) -> Void
  /// Nil where nobody watches.
  var progress: ProgressLine?
  var openBucket: (ObjectStoreSource) throws -> any Bucket = { source in
    try waitFor { try await source.makeBucket(source.configuration()) }
  }
}

/// One line that says what to do.
struct ToolError: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }

  /// Runs `body`; its errors are told as they are.
  static func telling<Value>(
    _ body: () throws(BlockError) -> Value
  ) throws(ToolError) -> Value {
    do {
      return try body()
    } catch {
      throw ToolError("\(error)")
    }
  }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}
