public import ObjectStore
public import TSDBBlock

/// Relabel rules over the labels of series, as Prometheus applies them.
///
///     labels ─► replace, hashmod, labelmap, … ─► keep, drop ─► labels, or nothing
///
/// A label whose value becomes empty is gone; a series without labels is too.
public struct SeriesRelabeling: Sendable {
  /// In the order written.
  let rules: [SeriesRelabelRule]
  /// The rules as JSON, for the meta.json of what was relabelled.
  public let documents: [RawJSON]

  /// Reads a list of rules strictly.
  ///
  /// - Throws: ``ConfigurationError`` with the line; also for a list without rules.
  public static func parse(yaml text: String) throws(ConfigurationError) -> SeriesRelabeling {
    guard let root = try ConfigurationNode.root(ofYAML: text), let entries = root.elements,
      !entries.isEmpty
    else {
      throw ConfigurationError(
        detail: "the relabel configuration must be a list, such as \"- action: labeldrop\"")
    }
    var rules: [SeriesRelabelRule] = []
    var documents: [RawJSON] = []
    for (index, entry) in entries.enumerated() {
      let fields = try StrictMapping(
        entry, name: "relabel rule \(index + 1)", known: SeriesRelabelRule.keys)
      let rule = try SeriesRelabelRule(fields)
      rules.append(rule)
      documents.append(rule.document)
    }
    return SeriesRelabeling(rules: rules, documents: documents)
  }

  /// The new labels, sorted by name; nil when the series goes.
  public func apply(to labels: LabelSet) -> LabelSet? {
    var pairs: [[UInt8]: [UInt8]] = [:]
    for pair in labels.pairs where !pair.value.isEmpty { pairs[pair.name] = pair.value }
    for rule in rules {
      guard rule.apply(to: &pairs) else { return nil }
    }
    guard !pairs.isEmpty else { return nil }
    let sorted = pairs.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return LabelSet(sorted.map { (name: $0.key, value: $0.value) })
  }
}
