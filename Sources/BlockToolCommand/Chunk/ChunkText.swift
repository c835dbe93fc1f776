internal import Console
internal import TSDBBlock

/// A decoded chunk for people.
struct ChunkText {
  private let terminal: Terminal
  private(set) var text = ""

  init(_ chunk: DecodedChunk, _ terminal: Terminal) {
    self.terminal = terminal
    if let record = chunk.source.record {
      text += terminal.styled("Record at offset \(record.offset)", .bold) + "\n"
      field("length", "\(record.length) bytes of data")
      field("checksum", checksum(record))
    }
    field("encoding", "\(chunk.source.encoding.rawValue) \(chunk.source.encoding)")
    for part in chunk.parts { write(part) }
    for problem in chunk.problems {
      text += "  " + terminal.styled("error", .red) + "  \(problem)\n"
    }
  }

  private mutating func field(_ name: String, _ value: String) {
    text += "  " + name + String(repeating: " ", count: max(1, 13 - name.count)) + value + "\n"
  }

  private func checksum(_ record: ChunkSource.Record) -> String {
    let computed = hexadecimal(record.computedChecksum)
    guard let stored = record.storedChecksum else { return "missing" }
    return stored == record.computedChecksum
      ? computed + ", right" : "\(hexadecimal(stored)) stored, \(computed) computed"
  }

  private mutating func write(_ part: DecodedChunk.Part) {
    if let kind = part.kind {
      text += "\n" + terminal.styled("Aggregate \(kind)", .bold) + "\n"
      field("encoding", "\(part.encoding.rawValue) \(part.encoding), \(part.byteCount) bytes")
    }
    if let count = part.statedCount { field("samples", HumanText.count(count)) }
    if part.columns.kind != .floats { writeLayout(part.columns.histograms) }
    text += SampleTable.render(part.columns, indent: 2, terminal)
  }

  private mutating func writeLayout(_ columns: HistogramColumns) {
    let layout = columns.layout
    func spans(_ spans: [HistogramLayout.Span]) -> String {
      spans.isEmpty ? "none" : spans.map { "\($0.offset):\($0.length)" }.joined(separator: " ")
    }
    field("header", "\(columns.resetHeader)")
    field("schema", "\(layout.schema)")
    field("zero up to", PromText.float(layout.zeroThreshold))
    field("positive", spans(layout.positiveSpans))
    field("negative", spans(layout.negativeSpans))
    if !layout.customBounds.isEmpty {
      field("bounds", layout.customBounds.map { PromText.float($0) }.joined(separator: " "))
    }
  }
}

/// Samples in aligned columns.
enum SampleTable {
  static func render(_ columns: ChunkColumns, indent: Int, _ terminal: Terminal) -> String {
    guard columns.count > 0 else { return "" }
    var table = Table("time", ">timestamp", ">start", "hint", "bits", "value")
    let values = SampleTexts(columns)
    let isFloat = columns.kind == .floats
    let starts = isFloat ? columns.floats.starts : columns.histograms.starts
    for (index, time) in columns.timestamps.enumerated() {
      let bits = isFloat ? columns.floats.values[index] : columns.histograms.sums[index]
      let start = index < starts.count && starts[index] != 0 ? "\(starts[index])" : "-"
      table.add(
        HumanText.time(time), "\(time)", start,
        isFloat ? "-" : "\(columns.histograms.hint(at: index))",
        hexadecimal(bits), bits == SampleValue.staleMarker ? "stale" : values.text(at: index))
    }
    return table.render(indent: indent, terminal)
  }
}

/// The same for programs. Keys are never renamed.
enum ChunkJSON {
  static func bytes(_ chunk: DecodedChunk) -> [UInt8] {
    let record = chunk.source.record
    return RawJSON.object([
      "offset": record.map { .count($0.offset) },
      "length": record.map { .count($0.length) },
      "checksum": record?.storedChecksum.map { .string(hexadecimal($0)) },
      "computedChecksum": record.map { .string(hexadecimal($0.computedChecksum)) },
      "encoding": .count(chunk.source.encoding.rawValue),
      "encodingName": .string(chunk.source.encoding.name),
      "parts": .array(chunk.parts.map(part)),
      "problems": .array(chunk.problems.map { .string($0) }),
    ]).compactBytes
  }

  static func part(_ part: DecodedChunk.Part) -> RawJSON {
    let columns = part.columns
    let isFloat = columns.kind == .floats
    return .object([
      "aggregate": part.kind.map { .string("\($0)") },
      "encoding": .count(part.encoding.rawValue), "bytes": .count(part.byteCount),
      "count": part.statedCount.map { .count($0) },
      "header": isFloat ? nil : .string("\(columns.histograms.resetHeader)"),
      "samples": .array((0..<columns.count).map { sample(columns, $0) }),
    ])
  }

  private static func sample(_ columns: ChunkColumns, _ index: Int) -> RawJSON {
    guard columns.kind == .floats else {
      return HistogramJSON.object(columns.histograms, index)
    }
    let floats = columns.floats
    return .object([
      "timestamp": .count(floats.timestamps[index]),
      "start": floats.starts.isEmpty ? nil : .count(floats.starts[index]),
      "value": HistogramJSON.double(floats.values[index]),
      "bits": .string(hexadecimal(floats.values[index])),
    ])
  }
}

/// All digits of a number.
func hexadecimal(_ value: some FixedWidthInteger) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: value.bitWidth / 4 - digits.count) + digits
}
