internal import TSDBBlock

/// One sample line: `name{labels} value time`, read from left to right.
struct OpenMetricsLine {
  private let line: [UInt8]
  private var position = 0

  init(_ line: [UInt8]) { self.line = line }

  private var next: UInt8? { position < line.count ? line[position] : nil }

  // MARK: Parts

  /// Everything before the value: the name and the braces, as they stand.
  mutating func seriesText() throws -> [UInt8] {
    let start = position
    while let byte = next, byte != UInt8(ascii: "{"), byte != UInt8(ascii: " ") { position += 1 }
    if next == UInt8(ascii: "{") {
      var isQuoted = false
      while let byte = next, isQuoted || byte != UInt8(ascii: "}") {
        if isQuoted && byte == UInt8(ascii: "\\") { position += 1 }
        if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        position += 1
      }
      guard next == UInt8(ascii: "}") else { throw OpenMetricsError("the labels have no end") }
      position += 1
    }
    guard position > start else { throw OpenMetricsError("a metric name is missing") }
    return Array(line[start..<min(position, line.count)])
  }

  /// The bits of the value.
  mutating func value() throws -> UInt64 {
    let word = try word("value")
    switch word {
    case "NaN", "nan": return SampleValue.normalNaN
    case "+Inf", "Inf", "+inf", "inf": return Double.infinity.bitPattern
    case "-Inf", "-inf": return (-Double.infinity).bitPattern
    default:
      guard let value = Double(word), value.isFinite else {
        throw OpenMetricsError("\(word) is not a number")
      }
      return value.bitPattern
    }
  }

  /// Milliseconds; digits behind the third decimal are dropped.
  mutating func time() throws -> Int64 {
    let word = try word("timestamp")
    guard let time = DecimalSeconds.milliseconds(word) else {
      throw OpenMetricsError("\(word) is not a time in seconds")
    }
    skipSpace()
    guard next == nil || next == UInt8(ascii: "#") || next == UInt8(ascii: "\r") else {
      throw OpenMetricsError("text follows the time")
    }
    return time
  }

  private mutating func word(_ what: String) throws -> String {
    skipSpace()
    let start = position
    while let byte = next, byte > 32 { position += 1 }
    guard position > start, line[start] != UInt8(ascii: "#") else {
      throw OpenMetricsError("the \(what) is missing")
    }
    return String(decoding: line[start..<position], as: UTF8.self)
  }

  private mutating func skipSpace() {
    while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { position += 1 }
  }

  // MARK: Labels

  /// The labels of a text that ``seriesText()`` returned.
  func labels() throws -> LabelSet {
    var copy = self
    return try copy.readLabels()
  }

  private mutating func readLabels() throws -> LabelSet {
    var pairs: [(name: [UInt8], value: [UInt8])] = []
    let bare = name(until: "{")
    if !bare.isEmpty {
      guard OpenMetricsText.isMetricName(bare) else {
        throw OpenMetricsError("\(String(decoding: bare, as: UTF8.self)) is not a metric name")
      }
      pairs.append((Array("__name__".utf8), bare))
    }
    if next != nil { try readBraces(&pairs) }
    let names = pairs.map(\.name)
    guard Set(names).count == names.count else {
      throw OpenMetricsError("a label name stands twice")
    }
    guard names.contains(Array("__name__".utf8)) else {
      throw OpenMetricsError("a metric name is missing")
    }
    return LabelSet(pairs)
  }

  private mutating func readBraces(
    _ pairs: inout [(name: [UInt8], value: [UInt8])]
  ) throws {
    position += 1
    while true {
      skipSpace()
      if next == UInt8(ascii: "}") { return }
      if next == UInt8(ascii: "\"") {
        let quoted = try string()
        skipSpace()
        if next == UInt8(ascii: "=") {
          pairs.append((quoted, try labelValue()))
        } else {
          pairs.append((Array("__name__".utf8), quoted))
        }
      } else {
        let label = name(until: "=")
        guard LabelText.isLegacyName(label) else {
          throw OpenMetricsError("\(String(decoding: label, as: UTF8.self)) is not a label name")
        }
        pairs.append((label, try labelValue()))
      }
      skipSpace()
      if next == UInt8(ascii: ",") {
        position += 1
      } else if next != UInt8(ascii: "}") {
        throw OpenMetricsError("a comma is missing between labels")
      }
    }
  }

  private mutating func labelValue() throws -> [UInt8] {
    guard next == UInt8(ascii: "=") else { throw OpenMetricsError("a label has no value") }
    position += 1
    skipSpace()
    guard next == UInt8(ascii: "\"") else { throw OpenMetricsError("a label value has no quotes") }
    return try string()
  }

  private mutating func name(until stop: Unicode.Scalar) -> [UInt8] {
    let start = position
    while let byte = next, byte != UInt8(ascii: stop), byte > 32, byte != UInt8(ascii: ",") {
      position += 1
    }
    let end = position
    skipSpace()
    return Array(line[start..<end])
  }

  private mutating func string() throws -> [UInt8] {
    position += 1
    var value: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      position += 1
      guard byte == UInt8(ascii: "\\"), let escaped = next else {
        value.append(byte)
        continue
      }
      position += 1
      switch escaped {
      case UInt8(ascii: "n"): value.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "\\"), UInt8(ascii: "\""): value.append(escaped)
      default: value += [byte, escaped]
      }
    }
    guard next != nil else { throw OpenMetricsError("a label value has no end") }
    position += 1
    return value
  }
}
