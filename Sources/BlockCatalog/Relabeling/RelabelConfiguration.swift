public import ObjectStore

/// The document behind `--selector.relabel-config` and `--selector.relabel-config-file`.
///
///     - action: hashmod
///       source_labels: [cluster, tenant]     joined by separator, default ";"
///       target_label: shard
///       modulus: 3
///     - action: keep                         or drop
///       source_labels: [shard]
///       regex: "0"                           anchored at both ends, default "(.*)"
///
/// Read as the reference does: a key that nobody knows has no effect.
public struct RelabelConfiguration: Sendable {
  /// In the order written; none when the document is empty, which selects every block.
  public let rules: [RelabelRule]
  /// What stands in the document without effect, line by line.
  public let warnings: [ConfigurationError]

  public var selector: RelabelSelector { RelabelSelector(rules: rules) }

  /// Reads the document. Environment variables are expanded before, by the caller.
  public static func parse(
    yaml text: String
  ) throws(ConfigurationError) -> RelabelConfiguration {
    guard let root = try ConfigurationNode.root(ofYAML: text), !root.isNull else {
      return RelabelConfiguration(rules: [], warnings: [])
    }
    guard let entries = root.elements else {
      throw ConfigurationError(
        line: root.line,
        detail: "the relabel configuration must be a list, such as \"- action: keep\"")
    }
    var rules: [RelabelRule] = []
    var warnings: [ConfigurationError] = []
    for (index, entry) in entries.enumerated() {
      let fields = try LenientMapping(
        entry, name: "relabel rule \(index + 1)", known: RelabelRule.keys)
      rules.append(try RelabelRule(fields))
      warnings += fields.warnings
    }
    return RelabelConfiguration(rules: rules, warnings: warnings)
  }
}
