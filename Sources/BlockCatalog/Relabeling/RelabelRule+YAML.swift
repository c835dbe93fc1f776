internal import ObjectStore
internal import TSDBBlock

extension RelabelRule {
  /// `replacement` is known and has no effect on the actions there are.
  static let keys = [
    "action", "source_labels", "separator", "regex", "modulus", "target_label", "replacement",
  ]

  private static let supported = ["keep", "drop", "hashmod"]

  /// Actions of Prometheus that change labels or compare two of them.
  private static let unsupported = [
    "replace", "labelmap", "labeldrop", "labelkeep", "lowercase", "uppercase", "keepequal",
    "dropequal",
  ]

  init(_ fields: LenientMapping) throws(ConfigurationError) {
    // Read also where the action has no use for them, as the reference refuses a wrong one anyway.
    let pattern = try Self.regex(fields)
    let modulus = try Self.modulus(fields)
    let target = try fields.string("target_label") ?? ""
    _ = try fields.string("replacement")
    let action: Action =
      switch try Self.actionWord(fields) {
      case "drop": .drop(pattern)
      case "hashmod": try Self.hashmod(fields, modulus, target)
      default: .keep(pattern)
      }
    self.init(
      sourceLabels: try Self.sourceLabels(fields),
      separator: Array((try fields.string("separator") ?? ";").utf8), action: action)
  }

  private static func actionWord(
    _ fields: LenientMapping
  ) throws(ConfigurationError) -> String {
    let written = try fields.string("action") ?? ""
    let line = fields["action"]?.line ?? fields.line
    let word = written.lowercased()
    if supported.contains(word) { return word }
    if word.isEmpty {
      throw ConfigurationError(
        line: line,
        detail: "no action; write \"action: keep\", \"action: drop\" or \"action: hashmod\"")
    }
    if unsupported.contains(word) {
      throw ConfigurationError(
        line: line, detail: "action \(word) cannot select blocks; use keep, drop or hashmod")
    }
    let hint =
      nearestWord(to: word, in: supported).map { "did you mean \"\($0)\"?" }
      ?? "use keep, drop or hashmod"
    throw ConfigurationError(line: line, detail: "unknown action \"\(written)\"; \(hint)")
  }

  private static func regex(_ fields: LenientMapping) throws(ConfigurationError) -> RegexMatcher {
    let pattern = try fields.string("regex") ?? "(.*)"
    do {
      return try RegexMatcher(Array(pattern.utf8))
    } catch {
      throw ConfigurationError(line: fields["regex"]?.line, detail: "\(error)")
    }
  }

  private static func sourceLabels(
    _ fields: LenientMapping
  ) throws(ConfigurationError) -> [[UInt8]] {
    guard let node = fields["source_labels"], !node.isNull else { return [] }
    guard let elements = node.elements else {
      throw ConfigurationError(
        line: node.line, detail: "source_labels must be a list, such as \"[cluster, tenant]\"")
    }
    var names: [[UInt8]] = []
    for element in elements {
      guard let name = element.text, !name.isEmpty else {
        throw ConfigurationError(
          line: element.line, detail: "source_labels must hold names of labels only")
      }
      names.append(Array(name.utf8))
    }
    return names
  }

  private static func hashmod(
    _ fields: LenientMapping, _ modulus: UInt64, _ target: String
  ) throws(ConfigurationError) -> Action {
    guard modulus > 0 else {
      throw ConfigurationError(
        line: fields["modulus"]?.line ?? fields.line,
        detail: "hashmod needs a modulus, the number of shards; write \"modulus: 3\"")
    }
    guard !target.isEmpty else {
      throw ConfigurationError(
        line: fields["target_label"]?.line ?? fields.line,
        detail: "hashmod needs a label for its result; write \"target_label: shard\"")
    }
    return .hashmod(modulus: modulus, targetLabel: Array(target.utf8))
  }

  private static func modulus(_ fields: LenientMapping) throws(ConfigurationError) -> UInt64 {
    guard let text = try fields.string("modulus"), !text.isEmpty else { return 0 }
    guard let number = wholeNumber(text) else {
      throw ConfigurationError(
        line: fields["modulus"]?.line,
        detail: "modulus must be a whole number, the number of shards, not \"\(text)\"")
    }
    return number
  }

  /// A number in the spellings of YAML 1.1: 12, 1_000, 0x1F, 0b11, 0o17, 017, 12.0.
  private static func wholeNumber(_ text: String) -> UInt64? {
    let digits = text.filter { $0 != "_" }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2), ("0", 8)]
    where digits.lowercased().hasPrefix(prefix) {
      if let number = UInt64(digits.dropFirst(prefix.count), radix: radix) { return number }
    }
    return UInt64(digits) ?? Double(digits).flatMap(UInt64.init(exactly:))
  }
}
