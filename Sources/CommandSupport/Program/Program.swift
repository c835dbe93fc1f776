public import ArgumentParser
internal import Glibc
internal import Logging
internal import ObjectStore

/// A program that takes the place of a Thanos program.
///
/// Its `main` reads the command line as Thanos spells it, sets up logging, and runs. Whatever goes
/// wrong becomes one line on standard error and exit status 1; `--help` and `--version` print to
/// standard output and exit with 0.
public protocol Program: AsyncParsableCommand {
  /// The word after `thanos`, accepted and dropped as the first argument.
  static var leadingWord: String? { get }
  static var ignoredFlags: IgnoredFlags { get }
  /// Programs of their own behind a word: the last one of their `commandName`.
  static var subprograms: [any Program.Type] { get }
  var logging: LogOptions { get }
}

extension Program {
  public static var leadingWord: String? { nil }
  public static var ignoredFlags: IgnoredFlags { .common }
  public static var subprograms: [any Program.Type] { [] }

  public static func main() async {
    await main(CommandLine.arguments.dropFirst())
  }

  private static func main(_ arguments: ArraySlice<String>) async {
    let words = arguments.first == leadingWord ? arguments.dropFirst() : arguments
    if let word = words.first, let program = subprogram(word) {
      await program.main(words.dropFirst())
      return
    }
    let known = longNames(inHelp: helpMessage(includeHidden: true))
    let prepared = PreparedArguments(
      Array(arguments), leadingWord: leadingWord, ignoring: ignoredFlags, known: known)
    do {
      var command = try parse(prepared, known: known)
      guard var program = command as? Self else {
        // The parser's own command, which prints help.
        try command.run()
        return
      }
      program.logging.bootstrap(program: _commandName)
      let logger = Logger(label: _commandName)
      for flag in prepared.ignored {
        logger.warning("flag has no effect and is ignored", metadata: ["flag": "--\(flag)"])
      }
      try await program.run()
    } catch {
      exitProgram(self, after: error)
    }
  }

  private static func subprogram(_ word: String) -> (any Program.Type)? {
    subprograms.first { $0._commandName.split(separator: " ").last == word[...] }
  }

  /// A mistyped flag is reported before what is missing, because it is often the reason.
  private static func parse(
    _ prepared: PreparedArguments, known: Set<String>
  ) throws -> any ParsableCommand {
    do {
      return try parseAsRoot(prepared.arguments)
    } catch {
      guard exitCode(for: error) != .success, let flag = prepared.unknown.first else {
        throw error
      }
      let hint = nearestWord(to: flag, in: known.sorted()).map { "did you mean --\($0)?" }
      throw CommandError("unknown flag --\(flag); \(hint ?? "see --help")")
    }
  }
}

/// Ends the process as `error` asks for: help on standard output and status 0, or one line
/// `NAME: MESSAGE` on standard error and status 1.
public func exitProgram<Command: ParsableCommand>(
  _ command: Command.Type, after error: any Error
) -> Never {
  if let code = error as? ExitCode { exit(code.rawValue) }
  if Command.exitCode(for: error) == .success {
    print(Command.fullMessage(for: error))
    exit(0)
  }
  let message = Command.message(for: error).split(separator: "\n").joined(separator: " ")
  writeLine("\(Command._commandName): \(message)")
  exit(1)
}

private func writeLine(_ text: String) {
  let line = Array((text + "\n").utf8)
  // SAFETY: the call reads the bytes of the array. There is nobody to tell when it fails.
  _ = unsafe write(2, line, line.count)
}
