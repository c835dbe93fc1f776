internal import TSDBBlock

/// One sample line: `name{labels} value time`, read from left to right.
struct OpenMetricsLine: ~Escapable {
  private let line: RawSpan
  private var position = 0

  @_lifetime(copy line)
  init(_ line: RawSpan) { self.line = line }

  private var next: UInt8? { position < line.byteCount ? byte(at: position) : nil }

  private func byte(at place: Int) -> UInt8 {
    // SAFETY: the load checks the bounds; every bit pattern is a UInt8.
    unsafe line.unsafeLoad(fromByteOffset: place, as: UInt8.self)
  }

  private func bytes(_ range: Range<Int>) -> [UInt8] { Array(line.extracting(range)) }

  private func text(_ range: Range<Int>) -> String {
    // SAFETY: reads the bytes of the range only.
    unsafe line.extracting(range).withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// Whether the line holds no sample.
  var isComment: Bool { next == UInt8(ascii: "#") }

  /// Whether the line says that it is the last one.
  var isEnd: Bool {
    let text = text(0..<line.byteCount)
    return text == "# EOF" || text == "# EOF\r"
  }

  // MARK: Parts

  /// Where everything before the value lies: the name and the braces, as they stand.
  mutating func seriesText() throws -> Range<Int> {
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
    return start..<min(position, line.byteCount)
  }

  /// The bits of the value.
  mutating func value() throws -> UInt64 {
    let range = try word("value")
    if let value = DecimalNumber.value(line.extracting(range)) { return value.bitPattern }
    let word = text(range)
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
    let range = try word("timestamp")
    guard
      let time = DecimalNumber.milliseconds(line.extracting(range))
        ?? DecimalSeconds.milliseconds(text(range))
    else { throw OpenMetricsError("\(text(range)) is not a time in seconds") }
    skipSpace()
    guard next == nil || next == UInt8(ascii: "#") || next == UInt8(ascii: "\r") else {
      throw OpenMetricsError("text follows the time")
    }
    return time
  }

  private mutating func word(_ what: String) throws -> Range<Int> {
    skipSpace()
    let start = position
    while let byte = next, byte > 32 { position += 1 }
    guard position > start, byte(at: start) != UInt8(ascii: "#") else {
      throw OpenMetricsError("the \(what) is missing")
    }
    return start..<position
  }

  private mutating func skipSpace() {
    while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { position += 1 }
  }

  // MARK: Labels

  /// The labels of a text that ``seriesText()`` returned.
  func labels() throws -> LabelSet {
    var parser = OpenMetricsLine(line)
    return try parser.readLabels()
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
    return bytes(start..<end)
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
