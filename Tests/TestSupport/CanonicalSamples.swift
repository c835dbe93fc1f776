public import TSDBBlock

/// FNV-1a, 64 bit: the hash of the golden files that needs no library.
public struct FNV64: Equatable, Sendable {
  public private(set) var value: UInt64 = 14_695_981_039_346_656_037

  public init() {}

  public mutating func update(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 1_099_511_628_211 }
  }

  /// Sixteen hex digits, as in the field `fnv64`.
  public var hex: String { hexDigits(value) }
}

/// The canonical line `F <st> <t> <hex>` of a float sample, with its line feed.
public func canonicalLine(st: Int64 = 0, time: Int64, bits: UInt64) -> String {
  "F \(st) \(time) \(hexDigits(bits))\n"
}

/// The FNV-1a hash over the canonical lines of float samples without start times.
public func fingerprint(timestamps: [Int64], values: [UInt64]) -> String {
  var hash = FNV64()
  for (time, bits) in zip(timestamps, values) {
    hash.update(canonicalLine(time: time, bits: bits).utf8)
  }
  return hash.hex
}

/// Sixteen lower case hex digits.
public func hexDigits(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// The line `H <st> <t> <json>` or `G …` of the golden files, with its line feed.
public func canonicalHistogramLine(_ columns: HistogramColumns, at index: Int) -> String {
  let start = columns.starts.isEmpty ? 0 : columns.starts[index]
  func number(_ bits: UInt64) -> String {
    columns.isFloat ? "\"\(hexDigits(bits))\"" : String(bits)
  }
  func bucket(_ bits: UInt64) -> String {
    columns.isFloat ? "\"\(hexDigits(bits))\"" : String(Int64(bitPattern: bits))
  }
  func spans(_ spans: [HistogramLayout.Span]) -> String {
    spans.map { "[\($0.offset),\($0.length)]" }.joined(separator: ",")
  }
  let isStale = columns.isStale(at: index)
  let layout = isStale ? HistogramLayout() : columns.layout
  let (positive, negative) =
    isStale ? ([], []) : columns.buckets(at: index)
  return "\(columns.isFloat ? "G" : "H") \(start) \(columns.timestamps[index]) "
    + "{\"schema\":\(layout.schema),\"zero_threshold\":\"\(hexDigits(layout.zeroThreshold))\","
    + "\"zero_count\":\(number(columns.zeroCounts[index])),"
    + "\"count\":\(number(columns.counts[index])),\"sum\":\"\(hexDigits(columns.sums[index]))\","
    + "\"positive_spans\":[\(spans(layout.positiveSpans))],"
    + "\"positive_buckets\":[\(positive.map(bucket).joined(separator: ","))],"
    + "\"negative_spans\":[\(spans(layout.negativeSpans))],"
    + "\"negative_buckets\":[\(negative.map(bucket).joined(separator: ","))],"
    + "\"custom_values\":[\(layout.customBounds.map { "\"\(hexDigits($0))\"" }.joined(separator: ","))]}\n"
}

/// The canonical lines of decoded samples, each with its time.
public func canonicalLines(_ columns: ChunkColumns) -> [(time: Int64, line: String)] {
  (0..<columns.count).map { index in
    guard columns.kind == .floats else {
      let histograms = columns.histograms
      return (histograms.timestamps[index], canonicalHistogramLine(histograms, at: index))
    }
    let floats = columns.floats
    let line = canonicalLine(
      st: floats.starts.isEmpty ? 0 : floats.starts[index], time: floats.timestamps[index],
      bits: floats.values[index])
    return (floats.timestamps[index], line)
  }
}

/// The canonical lines of a chunk of any encoding.
public func canonicalLines(_ payload: [UInt8], _ encoding: ChunkEncoding) throws -> String {
  switch encoding {
  case .aggregate:
    let aggregates = try AggregateChunk(payload.span.bytes)
    var lines = ""
    for kind in AggregateChunk.Kind.allCases {
      guard let part = aggregates[kind] else { continue }
      let inner = try canonicalLines(Array(payload[part.range]), part.encoding)
      for line in inner.split(separator: "\n") { lines += "A \(kind) \(line)\n" }
    }
    return lines
  case .xor, .xor2:
    var columns = SampleColumns()
    if encoding == .xor {
      try XORDecoder.decode(payload.span.bytes, into: &columns)
    } else {
      try XOR2Decoder.decode(payload.span.bytes, into: &columns)
    }
    return (0..<columns.count).map { index in
      canonicalLine(
        st: columns.starts.isEmpty ? 0 : columns.starts[index], time: columns.timestamps[index],
        bits: columns.values[index])
    }.joined()
  default:
    var columns = HistogramColumns()
    try HistogramDecoder.decode(payload.span.bytes, encoding: encoding, into: &columns)
    return (0..<columns.count).map { canonicalHistogramLine(columns, at: $0) }.joined()
  }
}
