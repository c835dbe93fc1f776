internal import Yams

/// A YAML mapping in which a key that nobody knows is an error.
///
/// Operators find a mistyped key at start, with its line, and not in a month with a full disk.
struct StrictMapping {
  private let values: [String: Node]
  let line: Int?

  init(
    _ node: Node, name: String, known keys: [String]
  ) throws(ConfigurationError) {
    line = node.mark?.line
    guard case .mapping(let mapping) = node else { throw Self.shape(name, keys, line: line) }
    var values: [String: Node] = [:]
    for (key, value) in mapping {
      let text = key.string ?? ""
      guard keys.contains(text) else {
        throw Self.unknown(text, line: key.mark?.line, in: name, known: keys)
      }
      values[text] = value
    }
    self.values = values
  }

  /// The value, or nil where the key is missing or has no value.
  subscript(key: String) -> Node? {
    guard let node = values[key], node.null == nil else { return nil }
    return node
  }

  func string(_ key: String) throws(ConfigurationError) -> String? {
    guard let node = self[key] else { return nil }
    guard case .scalar(let scalar) = node else {
      throw Self.notOneValue(key, line: node.mark?.line)
    }
    return scalar.string
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
