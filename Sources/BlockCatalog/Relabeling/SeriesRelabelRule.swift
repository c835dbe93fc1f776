internal import ObjectStore
internal import TSDBBlock

/// One relabel rule of Prometheus.
///
///     action         source_labels  separator  regex  target_label  replacement  modulus
///     replace            ×              ×        ×         ×             ×
///     keep, drop         ×              ×        ×
///     keepequal, dropequal, lowercase, uppercase, hashmod: source_labels, separator, target_label
///     labelmap                                   ×                       ×
///     labeldrop, labelkeep                       ×
struct SeriesRelabelRule: Sendable {
  enum Action: String, Sendable, CaseIterable {
    case replace, keep, drop, keepequal, dropequal, hashmod, labelmap, labeldrop, labelkeep
    case lowercase, uppercase
  }

  static let keys = [
    "action", "source_labels", "separator", "regex", "modulus", "target_label", "replacement",
  ]

  let action: Action
  let sourceLabels: [[UInt8]]
  let separator: [UInt8]
  let regex: RegexTemplate
  let pattern: String
  let modulus: UInt64
  let targetLabel: [UInt8]
  let replacement: [UInt8]

  /// False when the series goes.
  func apply(to labels: inout [[UInt8]: [UInt8]]) -> Bool {
    let value = Array(sourceLabels.map { labels[$0] ?? [] }.joined(separator: separator))
    switch action {
    case .keep: return regex.match(value) != nil
    case .drop: return regex.match(value) == nil
    case .keepequal: return (labels[targetLabel] ?? []) == value
    case .dropequal: return (labels[targetLabel] ?? []) != value
    case .replace: replace(value, &labels)
    case .hashmod:
      set(targetLabel, Array(String(MD5.tail(of: value) % modulus).utf8), &labels)
    case .lowercase: set(targetLabel, Self.cased(value) { $0.lowercased() }, &labels)
    case .uppercase: set(targetLabel, Self.cased(value) { $0.uppercased() }, &labels)
    case .labelmap:
      for (name, value) in labels.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
        guard let groups = regex.match(name) else { continue }
        set(regex.expand(replacement, groups), value, &labels)
      }
    case .labeldrop: labels = labels.filter { regex.match($0.key) == nil }
    case .labelkeep: labels = labels.filter { regex.match($0.key) != nil }
    }
    return true
  }

  private func replace(_ value: [UInt8], _ labels: inout [[UInt8]: [UInt8]]) {
    guard let groups = regex.match(value) else { return }
    let target = regex.expand(targetLabel, groups)
    guard !target.isEmpty, String(validating: target, as: UTF8.self) != nil else { return }
    set(target, regex.expand(replacement, groups), &labels)
  }

  private func set(_ name: [UInt8], _ value: [UInt8], _ labels: inout [[UInt8]: [UInt8]]) {
    guard !name.isEmpty else { return }
    labels[name] = value.isEmpty ? nil : value
  }

  /// What is not UTF-8 stays as it is.
  private static func cased(_ value: [UInt8], _ change: (String) -> String) -> [UInt8] {
    guard let text = String(validating: value, as: UTF8.self) else { return value }
    return Array(change(text).utf8)
  }
}

extension SeriesRelabelRule {
  init(_ fields: StrictMapping) throws(ConfigurationError) {
    let word = (try fields.string("action") ?? "replace").lowercased()
    guard let action = Action(rawValue: word.isEmpty ? "replace" : word) else {
      let hint =
        nearestWord(to: word, in: Action.allCases.map(\.rawValue))
        .map { "did you mean \"\($0)\"?" } ?? "see the documentation of Prometheus"
      throw ConfigurationError(
        line: fields["action"]?.line, detail: "unknown action \"\(word)\"; \(hint)")
    }
    self.action = action
    pattern = try fields.string("regex") ?? "(.*)"
    do {
      regex = try RegexTemplate(Array(pattern.utf8))
    } catch {
      throw ConfigurationError(line: fields["regex"]?.line, detail: "\(error)")
    }
    separator = Array((try fields.string("separator") ?? ";").utf8)
    targetLabel = Array((try fields.string("target_label") ?? "").utf8)
    replacement = Array((try fields.string("replacement") ?? "$1").utf8)
    let number = try fields.string("modulus") ?? "0"
    guard let modulus = UInt64(number) else {
      throw ConfigurationError(
        line: fields["modulus"]?.line, detail: "modulus must be a whole number, not \"\(number)\"")
    }
    self.modulus = modulus
    var names: [[UInt8]] = []
    if let node = fields["source_labels"], !node.isNull {
      guard let elements = node.elements else {
        throw ConfigurationError(
          line: node.line, detail: "source_labels must be a list, such as \"[cluster, tenant]\"")
      }
      for element in elements {
        guard let name = element.text, !name.isEmpty else {
          throw ConfigurationError(
            line: element.line, detail: "source_labels must hold names of labels only")
        }
        names.append(Array(name.utf8))
      }
    }
    sourceLabels = names
    try check(fields)
  }

  private func check(_ fields: StrictMapping) throws(ConfigurationError) {
    let needsTarget: [Action] = [
      .replace, .hashmod, .lowercase, .uppercase, .keepequal, .dropequal,
    ]
    if needsTarget.contains(action), targetLabel.isEmpty {
      throw ConfigurationError(
        line: fields.line, detail: "action \(action.rawValue) needs a target_label")
    }
    if action == .hashmod, modulus == 0 {
      throw ConfigurationError(
        line: fields["modulus"]?.line ?? fields.line,
        detail: "hashmod needs a modulus, the number of shards; write \"modulus: 3\"")
    }
  }

  /// As Thanos writes rules into meta.json.
  var document: RawJSON {
    func text(_ bytes: [UInt8]) -> RawJSON { .string(bytes) }
    var members: [RawJSON.Member] = []
    func add(_ key: String, _ value: RawJSON) {
      members.append(RawJSON.Member(key: Array(key.utf8), value: value))
    }
    add("source_labels", .array(sourceLabels.map(text)))
    add("separator", text(separator))
    add("regex", text(Array(pattern.utf8)))
    if modulus > 0 { add("modulus", .number(String(modulus))) }
    add("target_label", text(targetLabel))
    add("replacement", text(replacement))
    add("action", text(Array(action.rawValue.utf8)))
    return .object(members)
  }
}
