internal import ArgumentParser
internal import Console

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

      Exit codes: 0 clean, 1 usage or I/O error, 2 damage found, 3 blocks differ.
      """,
    subcommands: [
      InspectCommand.self, VerifyCommand.self, SalvageCommand.self, ListCommand.self,
      SeriesCommand.self, DumpCommand.self, CreateCommand.self, DiffCommand.self,
      MergeCommand.self, DownsampleCommand.self, SplitCommand.self, ChunkCommand.self,
      IndexHeaderCommand.self,
    ])
}

extension BlockTool {
  /// Runs a command line. Errors become one line through the context's remarks; help goes to its
  /// output.
  static func run(_ arguments: [String], _ context: ToolContext) -> ToolStatus {
    do {
      let command = try parseAsRoot(arguments)
      let status: ToolStatus
      if let tool = command as? any ToolCommand {
        status = try tool.run(context)
      } else {
        throw CleanExit.helpRequest(self)
      }
      try context.output.flush()
      return status
    } catch is OutputClosed {
      return .clean
    } catch let error as ToolError {
      try? context.output.flush()
      context.remark("blocktool: \(error)")
      return .failed
    } catch {
      return tell(error, context)
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
}

/// One line that says what to do.
struct ToolError: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}
