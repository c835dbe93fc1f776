internal import ArgumentParser
internal import CommandSupport

/// A command line of `thanos tools bucket …`, respelled for our parser.
///
///     tools bucket --objstore.config-file=x ls --log.level=debug --exclude-delete
///  ─► bucket ls --objstore.config-file=x --exclude-delete
enum BucketArguments {
  private static let ignored = IgnoredFlags.common.union(
    IgnoredFlags(valued: ["log.level", "log.format", "timeout", "block-files-concurrency"]))

  /// Flags of Thanos that mean nothing to one of the commands.
  private static let ignoredByCommand: [String: IgnoredFlags] = [
    "replicate": .http, "downsample": .http,
  ]

  /// Other command lines come back as they are.
  static func prepare(_ arguments: [String]) -> [String] {
    var words = arguments[...]
    if words.first == "tools", words.dropFirst().first == "bucket" { words.removeFirst() }
    guard words.popFirst() == "bucket" else { return arguments }
    let leading = words.prefix { $0.hasPrefix("--") && $0.contains("=") }
    words.removeFirst(leading.count)
    guard let word = words.first, let command = command(word) else {
      return ["bucket"] + words + leading
    }
    words.removeFirst()
    let known = longNames(inHelp: BlockTool.helpMessage(for: command, includeHidden: true))
    let flags = ignoredByCommand[word].map { ignored.union($0) } ?? ignored
    // `web` has a timeout and log flags of its own.
    let prepared = PreparedArguments(
      Array(leading + words), leadingWord: nil, ignoring: flags, known: known)
    return ["bucket", word] + prepared.arguments
  }

  private static func command(_ word: String) -> (any ParsableCommand.Type)? {
    BucketCommand.configuration.subcommands.first {
      $0.configuration.commandName == word || $0.configuration.aliases.contains(word)
    }
  }
}

extension IgnoredFlags {
  /// Of commands that serve HTTP in Thanos and do not here.
  fileprivate static let http = IgnoredFlags(
    valued: ["http-address", "http-grace-period", "http.config"])
}
