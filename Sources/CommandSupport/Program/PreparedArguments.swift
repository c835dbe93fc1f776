/// A Thanos command line, respelled for our parser.
///
/// - a leading word, `store` or `compact`, goes away;
/// - flags to ignore go away, with their values;
/// - `--x=` becomes `--x` and an empty word;
/// - `--no-x` takes back an earlier `--x` where the parser knows only `--x`;
/// - what only Thanos' parser knows, such as `--help-long`, becomes what ours has for it.
public struct PreparedArguments: Equatable, Sendable {
  public private(set) var arguments: [String] = []
  /// Flags that were taken out because they have no effect, without dashes, in order.
  public private(set) var ignored: [String] = []
  /// Long flags that nobody knows, without dashes, in order. The parser sees them too.
  public private(set) var unknown: [String] = []

  private static let respelled = [
    "help-long": ["--help-hidden"], "help-man": ["--help-hidden"],
    "completion-script-bash": ["--generate-completion-script", "bash"],
    "completion-script-zsh": ["--generate-completion-script", "zsh"],
  ]

  /// - Parameter known: Long names the parser knows, without dashes. They are never ignored.
  public init(
    _ arguments: [String], leadingWord: String?, ignoring flags: IgnoredFlags,
    known: Set<String>
  ) {
    var rest = arguments[...]
    if let leadingWord, rest.first == leadingWord { rest.removeFirst() }
    while let argument = rest.popFirst() {
      if argument == "--" {
        self.arguments.append(argument)
        break
      }
      guard argument.hasPrefix("--") else {
        self.arguments.append(argument)
        continue
      }
      let name = String(argument.dropFirst(2).prefix { $0 != "=" })
      let positive = name.hasPrefix("no-") ? String(name.dropFirst(3)) : nil
      if known.contains(name) {
        if argument.hasSuffix("="), argument.count == name.count + 3 {
          // The parser takes an empty value only as a word of its own.
          self.arguments += ["--\(name)", ""]
        } else {
          self.arguments.append(argument)
        }
      } else if flags.valued.contains(name) {
        ignored.append(name)
        if !argument.contains("=") { rest = rest.dropFirst() }
      } else if flags.switches.contains(positive ?? name) {
        ignored.append(name)
      } else if let positive, known.contains(positive) {
        self.arguments.removeAll { $0 == "--\(positive)" }
      } else if let words = Self.respelled[name] {
        self.arguments += words
      } else {
        unknown.append(name)
        self.arguments.append(argument)
      }
    }
    self.arguments += rest
  }
}

/// Long names in a help text of the argument parser.
///
///     -w, --wait                      --log.level <log.level>        --cache/--no-cache
public func longNames(inHelp text: String) -> Set<String> {
  var names: Set<String> = []
  for line in text.split(separator: "\n") where line.hasPrefix("  -") {
    for token in line.split(separator: " ") {
      guard token.hasPrefix("-") else { break }
      for name in token.split(whereSeparator: { $0 == "/" || $0 == "," })
      where name.hasPrefix("--") {
        names.insert(String(name.dropFirst(2)))
      }
    }
  }
  return names
}
