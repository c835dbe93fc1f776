/// A YAML mapping in which a key that nobody knows has no effect.
///
/// For documents that the reference reads this way: files that work there must work here. The
/// writer may have meant something else, so what is ignored can be told.
package struct LenientMapping {
  private var values: [String: ConfigurationNode] = [:]
  package let line: Int?
  /// One for each key that is ignored, in the order written.
  package private(set) var warnings: [ConfigurationError] = []

  /// - Parameter name: what the mapping is, for messages.
  package init(
    _ node: ConfigurationNode, name: String, known keys: [String]
  ) throws(ConfigurationError) {
    line = node.line
    guard let members = node.members else { throw StrictMapping.shape(name, keys, line: line) }
    for (key, value) in members {
      let text = key.text ?? ""
      if text == "<<" {
        throw ConfigurationError(
          line: key.line, detail: "merging with << is not supported; write the keys out")
      }
      if keys.contains(text) {
        values[text] = value
      } else {
        warnings.append(StrictMapping.unknown(text, line: key.line, in: name, known: keys))
      }
    }
  }

  /// The value; nil where the key is missing.
  package subscript(key: String) -> ConfigurationNode? { values[key] }

  /// The text of the value, "" for a key without one; nil where the key is missing.
  package func string(_ key: String) throws(ConfigurationError) -> String? {
    guard let node = values[key] else { return nil }
    guard let text = node.text else { throw StrictMapping.notOneValue(key, line: node.line) }
    return text
  }
}
