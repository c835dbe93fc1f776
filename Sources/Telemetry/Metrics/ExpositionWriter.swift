/// Writes metric families as text.
///
///     # HELP name help                      OpenMetrics: a counter's family is named without
///     # TYPE name counter                   `_total`, floats have a point or an exponent, and
///     name{label="value"} 3                 `# EOF` ends the document.
///
/// A counter whose name lacks `_total` has no place in OpenMetrics and is written as `unknown`.
struct ExpositionWriter {
  let format: ExpositionFormat
  private var text = ""

  init(format: ExpositionFormat) {
    self.format = format
  }

  mutating func write(_ family: MetricFamily) {
    writeHead(family)
    for (labels, instrument) in family.instruments.sorted(by: { $0.key < $1.key }) {
      switch instrument {
      case .counter(let counter):
        writeSample(family.name, labels, number(counter.value))
      case .gauge(let gauge):
        writeSample(family.name, labels, number(gauge.value))
      case .reading(let read):
        writeSample(family.name, labels, number(read()))
      case .histogram(let histogram):
        write(histogram, name: family.name, labels: labels)
      case .summary(let read):
        write(read(), name: family.name, labels: labels)
      }
    }
  }

  consuming func finish() -> String {
    format == .openMetrics ? text + "# EOF\n" : text
  }

  private mutating func writeHead(_ family: MetricFamily) {
    var name = family.name
    var kind = family.kind.rawValue
    if format == .openMetrics, family.kind == .counter {
      if name.hasSuffix("_total") {
        name.removeLast("_total".count)
      } else {
        kind = "unknown"
      }
    }
    let help = escape(family.help, quotes: format == .openMetrics)
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
  }

  private mutating func write(_ histogram: Histogram, name: String, labels: MetricLabels) {
    let counts = histogram.cumulativeCounts()
    for (bound, count) in zip(histogram.bounds, counts) {
      writeSample(name + "_bucket", labels, "\(count)", ("le", number(bound)))
    }
    let count = counts.last ?? 0
    writeSample(name + "_bucket", labels, "\(count)", ("le", "+Inf"))
    writeSample(name + "_sum", labels, number(histogram.sum))
    writeSample(name + "_count", labels, "\(count)")
  }

  private mutating func write(_ summary: SummaryReading, name: String, labels: MetricLabels) {
    for (quantile, value) in summary.quantiles {
      writeSample(name, labels, number(value), ("quantile", number(quantile)))
    }
    writeSample(name + "_sum", labels, number(summary.sum))
    writeSample(name + "_count", labels, "\(summary.count)")
  }

  private mutating func writeSample(
    _ name: String, _ labels: MetricLabels, _ value: String,
    _ last: (name: String, value: String)? = nil
  ) {
    text += name
    var pairs = labels.pairs.map { "\($0.name)=\"\(escape($0.value, quotes: true))\"" }
    if let last { pairs.append("\(last.name)=\"\(last.value)\"") }
    if !pairs.isEmpty { text += "{" + pairs.joined(separator: ",") + "}" }
    text += " \(value)\n"
  }

  private func number(_ value: Double) -> String {
    let text = shortestText(value)
    guard format == .openMetrics, value.isFinite else { return text }
    return text.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }
      ? text : text + ".0"
  }

  private func escape(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    // Scalars, because a carriage return and a line feed make one Character.
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
