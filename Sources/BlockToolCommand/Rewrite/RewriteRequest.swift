internal import BlockCatalog
internal import CommandSupport
internal import ObjectStore
internal import TSDBBlock

/// What `rewrite` is to do to blocks: what is deleted, and how series are relabelled.
struct RewriteRequest: Sendable {
  var deletions: [BlockEdit.Deletion] = []
  var relabeling: SeriesRelabeling?

  /// For meta.json.
  var record: ThanosMeta.Rewrite {
    var rewrite = ThanosMeta.Rewrite()
    rewrite.deletions = deletions.map { deletion in
      var entry = ThanosMeta.Deletion()
      entry.matchers = .array(deletion.matchers.map(Self.json))
      entry.intervals = deletion.intervals.map { interval in
        .object([
          RawJSON.Member(key: Array("Mint".utf8), value: .number("\(interval.lowerBound)")),
          RawJSON.Member(key: Array("Maxt".utf8), value: .number("\(interval.upperBound)")),
        ])
      }
      return entry
    }
    rewrite.relabels = relabeling?.documents ?? []
    return rewrite
  }

  private static func json(_ matcher: LabelMatcher) -> RawJSON {
    // The numbers of Prometheus' match types.
    let type =
      switch matcher.kind {
      case .equal: "0"
      case .notEqual: "1"
      case .regex: "2"
      case .notRegex: "3"
      }
    return .object([
      RawJSON.Member(key: Array("Type".utf8), value: .number(type)),
      RawJSON.Member(key: Array("Name".utf8), value: .string(matcher.name)),
      RawJSON.Member(key: Array("Value".utf8), value: .string(matcher.value)),
    ])
  }

  /// Reads the document behind `--rewrite.to-delete-config`:
  ///
  ///     - matchers: '{__name__="up", job=~"test.*"}'
  ///       intervals:
  ///         - mint: 1709294400000
  ///           maxt: 1709298000000
  static func deletions(yaml text: String) throws(ConfigurationError) -> [BlockEdit.Deletion] {
    guard let root = try ConfigurationNode.root(ofYAML: text), let entries = root.elements,
      !entries.isEmpty
    else {
      throw ConfigurationError(
        detail: "the deletions must be a list, such as \"- matchers: '{job=\\\"test\\\"}'\"")
    }
    return try entries.map { (entry) throws(ConfigurationError) in
      let fields = try StrictMapping(
        entry, name: "a deletion", known: ["matchers", "intervals", "request_id"])
      guard let selector = try fields.string("matchers"), !selector.isEmpty else {
        throw ConfigurationError(
          line: fields.line, detail: "a deletion needs matchers, such as '{job=\"test\"}'")
      }
      do {
        return BlockEdit.Deletion(
          matchers: try SelectorParser.parse(selector),
          intervals: try intervals(fields["intervals"]))
      } catch let error as ConfigurationError {
        throw error
      } catch {
        throw ConfigurationError(line: fields["matchers"]?.line, detail: "\(error)")
      }
    }
  }

  private static func intervals(
    _ node: ConfigurationNode?
  ) throws(ConfigurationError) -> [ClosedRange<Int64>] {
    guard let node, !node.isNull else { return [] }
    guard let entries = node.elements else {
      throw ConfigurationError(
        line: node.line, detail: "intervals must be a list of mint and maxt, in milliseconds")
    }
    return try entries.map { (entry) throws(ConfigurationError) in
      let fields = try StrictMapping(entry, name: "an interval", known: ["mint", "maxt"])
      let first = try time(fields, "mint") ?? .min
      let last = try time(fields, "maxt") ?? .max
      guard first <= last else {
        throw ConfigurationError(line: fields.line, detail: "mint is after maxt")
      }
      return first...last
    }
  }

  private static func time(
    _ fields: StrictMapping, _ key: String
  ) throws(ConfigurationError) -> Int64? {
    guard let text = try fields.string(key) else { return nil }
    guard let time = Int64(text) ?? UploadTime(text)?.milliseconds else {
      throw ConfigurationError(
        line: fields[key]?.line,
        detail: "\(key) must be a time in Unix milliseconds or RFC 3339, not \"\(text)\"")
    }
    return time
  }
}
