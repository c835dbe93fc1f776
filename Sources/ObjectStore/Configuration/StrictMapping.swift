internal import Yams

/// A YAML mapping in which a key that nobody knows is an error.
///
/// Operators find a mistyped key at start, with its line, and not in a month with a full disk.
package struct StrictMapping {
  private let values: [String: ConfigurationNode]
  package let line: Int?

  /// - Parameter name: what the mapping is, for messages.
  package init(
    _ node: ConfigurationNode, name: String, known keys: [String]
  ) throws(ConfigurationError) {
    line = node.line
    guard let members = node.members else { throw Self.shape(name, keys, line: line) }
    var values: [String: ConfigurationNode] = [:]
    for (key, value) in members {
      let text = key.text ?? ""
      guard keys.contains(text) else {
        throw Self.unknown(text, line: key.line, in: name, known: keys)
      }
      values[text] = value
    }
    self.values = values
  }

  /// The value, or nil where the key is missing or has no value.
  package subscript(key: String) -> ConfigurationNode? {
    guard let node = values[key], !node.isNull else { return nil }
    return node
  }

  /// The text of the value; nil where the key is missing or has no value.
  package func string(_ key: String) throws(ConfigurationError) -> String? {
    guard let node = self[key] else { return nil }
    guard let text = node.text else { throw Self.notOneValue(key, line: node.line) }
    return text
  }

  // MARK: - Errors

  static func shape(_ name: String, _ keys: [String], line: Int?) -> ConfigurationError {
    ConfigurationError(
      line: line, detail: "\(name) must be keys and values, such as \"\(keys[0]): …\"")
  }

  static func notOneValue(_ key: String, line: Int?) -> ConfigurationError {
    ConfigurationError(line: line, detail: "\(key) must be one value")
  }

  static func unknown(
    _ key: String, line: Int?, in name: String, known keys: [String]
  ) -> ConfigurationError {
    let hint =
      nearestWord(to: key, in: keys).map { "did you mean \"\($0)\"?" }
      ?? "known are \(keys.joined(separator: ", "))"
    return ConfigurationError(line: line, detail: "unknown key \"\(key)\" in \(name); \(hint)")
  }
}

/// The root of a YAML document; nil when the text holds none.
func parseYAML(_ text: String) throws(ConfigurationError) -> Node? {
  do {
    return try Yams.compose(yaml: text)
  } catch let error as YamlError {
    throw ConfigurationError(error)
  } catch {
    throw ConfigurationError(detail: "not YAML")
  }
}

extension ConfigurationError {
  fileprivate init(_ error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      self.init(line: mark.line, detail: "not YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      let keys = duplicates.joined(separator: ", ")
      self.init(line: context.mark.line, detail: "given twice: \(keys)")
    default: self.init(detail: "not YAML")
    }
  }
}
