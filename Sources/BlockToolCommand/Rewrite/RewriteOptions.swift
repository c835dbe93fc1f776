internal import ArgumentParser
internal import CommandSupport
internal import Console
internal import TSDBBlock

/// Where new blocks go and how they are told of.
struct RewriteOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .customLong("output-directory")],
    help: "Where the new blocks go; made when it does not exist.")
  var directory: String

  @Option(help: "text or json.")
  var output = OutputFormat.text
}

/// A length of time on the command line.
struct DurationArgument: ExpressibleByArgument {
  var milliseconds: Int64

  init(milliseconds: Int64) { self.milliseconds = milliseconds }

  init?(argument: String) {
    guard let duration = PrometheusDuration(argument), duration.milliseconds > 0 else {
      return nil
    }
    milliseconds = duration.milliseconds
  }
}

extension ToolContext {
  /// Runs what reads `inputs` and writes a block; damage of an input ends it.
  func rewriting(_ inputs: [String], _ body: () throws -> ToolStatus) throws -> ToolStatus {
    defer { progress?.clear() }
    do {
      return try body()
    } catch let error as BlockMergeError {
      guard let input = error.input, inputs.indices.contains(input) else {
        throw ToolError("\(error)")
      }
      return failed(error.cause, in: inputs[input])
    } catch let error as BlockError {
      if error.code == .unwritable { throw ToolError("\(error)") }
      return failed(error, in: inputs.first ?? "")
    }
  }

  private func failed(_ error: BlockError, in path: String) -> ToolStatus {
    switch error.code {
    case .overlap:
      remark("blocktool: \(path): \(error); blocktool merge --overlaps chain merges such chunks")
      return .failed
    case .unsupportedEncoding, .invalidInput:
      remark("blocktool: \(path): \(error)")
      return .failed
    default:
      return damaged(error, in: path)
    }
  }
}
