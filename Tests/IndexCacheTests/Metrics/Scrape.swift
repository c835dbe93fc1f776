import Telemetry

/// The values of a registry's series, by the text before the value.
struct Scrape {
  private var values: [String: Double] = [:]

  init(_ registry: MetricRegistry) {
    for line in registry.exposition(.text).split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " ") else { continue }
      values[String(line[..<space])] = Double(line[line.index(after: space)...])
    }
  }

  /// The names of all series with their labels.
  var series: [String] { values.keys.sorted() }

  subscript(_ series: String) -> Double? { values[series] }
}
