internal import Yams

/// A part of a YAML document, with the line it stands in.
package struct ConfigurationNode {
  private let node: Node

  init(_ node: Node) { self.node = node }

  /// The root of the document; nil when the text holds none.
  package static func root(
    ofYAML text: String
  ) throws(ConfigurationError) -> ConfigurationNode? {
    try parseYAML(text).map(ConfigurationNode.init)
  }

  /// Counted from 1.
  package var line: Int? { node.mark?.line }

  package var isNull: Bool { node.null != nil }

  /// The elements, or nil where this is no list.
  package var elements: [ConfigurationNode]? {
    guard case .sequence(let sequence) = node else { return nil }
    return sequence.map(ConfigurationNode.init)
  }

  /// The keys and values in the order written, or nil where this is no mapping.
  package var members: [(key: ConfigurationNode, value: ConfigurationNode)]? {
    guard case .mapping(let mapping) = node else { return nil }
    return mapping.map { (ConfigurationNode($0.key), ConfigurationNode($0.value)) }
  }

  /// The keys and their texts in the order written; nil where this is no mapping of texts.
  package var texts: [(String, String)]? {
    guard let members else { return nil }
    var pairs: [(String, String)] = []
    for (key, value) in members {
      guard let key = key.text, let value = value.text else { return nil }
      pairs.append((key, value))
    }
    return pairs
  }

  /// The text of a value as written, also of a number; "" for null; nil where this is not one value.
  package var text: String? {
    guard case .scalar(let scalar) = node else { return nil }
    return isNull ? "" : scalar.string
  }
}
