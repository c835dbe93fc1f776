public import ObjectStore

/// The document behind `--request.logging-config` and `--request.logging-config-file`: which
/// requests are logged. None, when there is no document.
///
///     options:                     for both protocols, where they say nothing themselves
///       level: INFO                DEBUG, INFO, WARN, ERROR: calls less severe are not logged
///       decision:
///         log_start: false         a line when a call begins, only together with log_end
///         log_end: true            a line when a call ends
///     http:
///       options: …
///       config:                    only these; all, where there is no list
///         - path: /api/v1/blocks
///           port: 10906
///     grpc:
///       options: …
///       config:
///         - service: thanos.Store
///           method: Series
public struct RequestLogConfiguration: Equatable, Sendable {
  /// How severe a call is, from the least to the most.
  public enum Severity: Int, Comparable, Sendable {
    case debug, info, warning, error

    public static func < (left: Severity, right: Severity) -> Bool {
      left.rawValue < right.rawValue
    }
  }

  /// What is logged of one protocol.
  struct Rules: Equatable, Sendable {
    var least = Severity.error
    var logsStart = false
    var logsEnd = false
    /// `PATH:PORT` or `SERVICE/METHOD`; nil for all.
    var targets: Set<String>?

    func logs(_ target: String) -> Bool {
      logsEnd && targets?.contains(target) ?? true
    }
  }

  var http = Rules()
  var grpc = Rules()

  /// Nothing is logged.
  public init() {}

  /// Reads the document strictly. Environment variables are expanded before, by the caller.
  public static func parse(
    yaml text: String
  ) throws(ConfigurationError) -> RequestLogConfiguration {
    var configuration = RequestLogConfiguration()
    guard let node = try ConfigurationNode.root(ofYAML: text), !node.isNull else {
      return configuration
    }
    let root = try StrictMapping(
      node, name: "the request logging configuration", known: ["options", "http", "grpc"])
    var common = Rules()
    if let options = root["options"] { common = try rules(options, in: "options") ?? common }
    configuration.http = try protocolRules(root["http"], "http", common) {
      (entry, name) throws(ConfigurationError) in
      let fields = try StrictMapping(entry, name: name, known: ["path", "port"])
      guard let path = try fields.string("path"), path.hasPrefix("/") else {
        throw ConfigurationError(line: fields.line, detail: "\(name) needs a path, such as /blocks")
      }
      guard let text = try fields.string("port"), let port = UInt16(text) else {
        throw ConfigurationError(
          line: fields["port"]?.line ?? fields.line,
          detail: "\(name) needs the port of --http-address, such as 10906")
      }
      return "\(path):\(port)"
    }
    configuration.grpc = try protocolRules(root["grpc"], "grpc", common) {
      (entry, name) throws(ConfigurationError) in
      let fields = try StrictMapping(entry, name: name, known: ["service", "method"])
      guard let service = try fields.string("service"), !service.isEmpty,
        let method = try fields.string("method"), !method.isEmpty
      else {
        throw ConfigurationError(
          line: fields.line,
          detail: "\(name) needs service and method, such as thanos.Store and Series")
      }
      return "\(service)/\(method)"
    }
    return configuration
  }

  private static func protocolRules(
    _ node: ConfigurationNode?, _ name: String, _ common: Rules,
    target: (ConfigurationNode, String) throws(ConfigurationError) -> String
  ) throws(ConfigurationError) -> Rules {
    var result = common
    guard let node else { return result }
    let section = try StrictMapping(node, name: name, known: ["options", "config"])
    if let options = section["options"] {
      result = try rules(options, in: "\(name).options") ?? common
    }
    guard let list = section["config"] else { return result }
    guard let entries = list.elements else {
      throw ConfigurationError(line: list.line, detail: "\(name).config must be a list")
    }
    var targets: Set<String> = []
    for entry in entries { targets.insert(try target(entry, "an entry of \(name).config")) }
    if !targets.isEmpty { result.targets = targets }
    return result
  }

  /// Nil where the options say nothing.
  private static func rules(
    _ node: ConfigurationNode, in name: String
  ) throws(ConfigurationError) -> Rules? {
    let options = try StrictMapping(node, name: name, known: ["level", "decision"])
    var rules = Rules()
    if let decision = options["decision"] {
      let fields = try StrictMapping(
        decision, name: "\(name).decision", known: ["log_start", "log_end"])
      rules.logsStart = try fields.flag("log_start") ?? false
      rules.logsEnd = try fields.flag("log_end") ?? false
      if rules.logsStart, !rules.logsEnd {
        throw ConfigurationError(
          line: fields.line,
          detail: "log_start without log_end is not possible; write \"log_end: true\" too")
      }
    }
    let line = options["level"]?.line ?? options.line
    switch try options.string("level") ?? "" {
    case "DEBUG": rules.least = .debug
    case "INFO": rules.least = .info
    case "WARN", "WARNING": rules.least = .warning
    case "ERROR": rules.least = .error
    case "":
      guard rules.logsEnd else { return nil }
      throw ConfigurationError(
        line: line, detail: "\(name) needs a level: DEBUG, INFO, WARN or ERROR")
    case let level:
      throw ConfigurationError(
        line: line, detail: "unknown level \"\(level)\"; use DEBUG, INFO, WARN or ERROR")
    }
    return rules
  }
}
