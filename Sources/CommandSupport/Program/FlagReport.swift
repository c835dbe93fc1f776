public import ArgumentParser
internal import TSDBBlock

/// All flags of a program with their values, for people who ask a running process how it was
/// started. Secrets are taken out.
public struct FlagReport: Equatable, Sendable {
  static let redacted = "<REDACTED>"

  /// By name, without dashes. A switch is `true` or `false`.
  public private(set) var values: [String: String] = [:]

  /// - Parameter arguments: as typed, without the name of the program.
  public init<Command: Program>(of program: Command.Type, arguments: [String]) {
    let known = longNames(inHelp: program.helpMessage(includeHidden: true))
    let prepared = PreparedArguments(
      arguments, leadingWord: program.leadingWord, ignoring: program.ignoredFlags, known: known)
    self.init(definitions: FlagDefinition.all(of: program), arguments: prepared.arguments)
  }

  /// The same of a subcommand, which is no program.
  ///
  /// - Parameter arguments: those behind its name.
  public init<Command: ParsableCommand>(ofCommand command: Command.Type, arguments: [String]) {
    self.init(definitions: FlagDefinition.all(of: command), arguments: arguments)
  }

  init(definitions: [FlagDefinition], arguments: [String]) {
    var byName: [String: FlagDefinition] = [:]
    for definition in definitions {
      for name in definition.names { byName[name] = definition }
      set(definition, definition.initial)
    }
    var rest = arguments[...]
    while let argument = rest.popFirst(), argument != "--" {
      guard argument.hasPrefix("-") else { continue }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0].drop { $0 == "-" })
      let positive = name.hasPrefix("no-") ? String(name.dropFirst("no-".count)) : name
      if let definition = byName[name] ?? byName[positive] {
        if definition.isSwitch {
          set(definition, definition.names.contains(name) ? "true" : "false")
        } else if parts.count > 1 {
          set(definition, String(parts[1]))
        } else if let value = rest.popFirst() {
          set(definition, value)
        }
      }
    }
  }

  private mutating func set(_ definition: FlagDefinition, _ value: String) {
    values[definition.name] =
      definition.mayHoldSecret && !value.isEmpty ? Self.redacted : Self.withoutPassword(value)
  }

  /// `https://user:secret@host` without the secret.
  private static func withoutPassword(_ value: String) -> String {
    guard let scheme = value.firstRange(of: "://"),
      let at = value[scheme.upperBound...].firstIndex(of: "@"),
      let colon = value[scheme.upperBound..<at].firstIndex(of: ":")
    else { return value }
    return value[...colon] + redacted + value[at...]
  }
}

/// A flag as the parser knows it.
struct FlagDefinition: Equatable {
  var name: String
  /// All names, `name` among them, without dashes.
  var names: [String]
  var isSwitch: Bool
  /// The value where the flag is not given.
  var initial: String

  /// YAML given as text can hold keys of buckets and passwords of caches.
  var mayHoldSecret: Bool { name.hasSuffix(".config") }

  /// Those of a program that have a long name.
  static func all<Command: ParsableCommand>(of program: Command.Type) -> [FlagDefinition] {
    guard let root = try? RawJSON(parsing: Array(program._dumpHelp().utf8)),
      case .array(let arguments)? = root["command"]?["arguments"]
    else { return [] }
    let definitions = arguments.compactMap(FlagDefinition.init)
    let names = Set(definitions.map(\.name))
    // A negation is a definition of its own to the parser.
    return definitions.filter {
      !($0.name.hasPrefix("no-") && names.contains(String($0.name.dropFirst("no-".count))))
    }
  }

  private init?(_ argument: RawJSON) {
    guard case .array(let list)? = argument["names"] else { return nil }
    var longNames: [String] = []
    names = []
    for entry in list {
      guard let name = entry["name"]?.text else { continue }
      names.append(name)
      if entry["kind"]?.text == "long" { longNames.append(name) }
    }
    guard let name = longNames.first, !["help", "version"].contains(name) else { return nil }
    self.name = name
    isSwitch = argument["kind"]?.text == "flag"
    let value = argument["defaultValue"]?.text
    // The parser gives the name that a switch with a negation stands for.
    initial = isSwitch ? (value == "--" + name ? "true" : "false") : value ?? ""
  }

  init(name: String, names: [String], isSwitch: Bool, initial: String) {
    self.name = name
    self.names = names
    self.isSwitch = isSwitch
    self.initial = initial
  }
}

extension RawJSON {
  fileprivate subscript(key: String) -> RawJSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == Array(key.utf8) }?.value
  }

  fileprivate var text: String? {
    guard case .string(let bytes) = self else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
