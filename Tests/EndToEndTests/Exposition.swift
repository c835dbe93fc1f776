import TestSupport

/// Metrics as a scrape of the text format gives them.
struct Exposition {
  struct Family: Equatable {
    var type = ""
    /// Names of labels, but for `le` and `quantile`, of every series.
    var labels: Set<[String]> = []
    /// Upper bounds of a histogram's series, without `+Inf`, each different list once.
    var bounds: Set<[Double]> = []
  }

  private(set) var families: [String: Family] = [:]
  private var openBounds: [String: [Double]] = [:]

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# TYPE ") {
        let words = line.split(separator: " ")
        families[String(words[2]), default: Family()].type = String(words[3])
      } else if !line.hasPrefix("#") {
        add(line)
      }
    }
    for (series, bounds) in openBounds {
      families[String(series.prefix { $0 != "{" }), default: Family()].bounds.insert(bounds)
    }
  }

  private mutating func add(_ line: Substring) {
    let sample = String(line.prefix { $0 != "{" && $0 != " " })
    let name = familyName(of: sample)
    var names: [String] = []
    var bound: Double?
    var identity = name + "{"
    for (label, value) in Self.labels(of: line) {
      if label == "le" {
        bound = value == "+Inf" ? nil : Double(value)
      } else if label != "quantile" {
        names.append(label)
        identity += "\(label)=\(value),"
      }
    }
    families[name, default: Family()].labels.insert(names)
    if sample.hasSuffix("_bucket"), let bound { openBounds[identity, default: []].append(bound) }
  }

  private func familyName(of sample: String) -> String {
    for suffix in ["_bucket", "_sum", "_count"] where sample.hasSuffix(suffix) {
      let name = String(sample.dropLast(suffix.count))
      if ["histogram", "summary"].contains(families[name]?.type) { return name }
    }
    return sample
  }

  /// Values here hold no escapes but those of quotes and backslashes.
  private static func labels(of line: Substring) -> [(String, String)] {
    guard let open = line.firstIndex(of: "{"), let close = line.lastIndex(of: "}") else {
      return []
    }
    var labels: [(String, String)] = []
    var rest = line[line.index(after: open)..<close]
    while let equals = rest.firstIndex(of: "=") {
      let name = rest[..<equals]
      var value = ""
      rest = rest[equals...].dropFirst(2)
      while let character = rest.popFirst(), character != "\"" {
        value.append(character == "\\" ? rest.popFirst() ?? "\\" : character)
      }
      labels.append((String(name), value))
      rest = rest.drop { $0 == "," }
    }
    return labels
  }
}
