/// Regions taken apart into their fields.
package enum ByteFields {
  /// Ids of a list that are shown on either side of the place asked for.
  private static let neighbours = 4

  /// The fields of a region of an index.
  ///
  /// - Parameter offset: the place asked for; of a long list only the ids around it are told.
  package static func index(
    _ map: IndexMap, _ region: ByteRegion, around offset: Int
  ) -> [ByteField] {
    let file = map.file
    let bytes = file.bytes
    let range = region.range
    var reader = FieldReader(start: range.lowerBound, end: range.upperBound)
    switch region.kind {
    case .header:
      reader.hex(bytes, 4, "magic")
      reader.byte(bytes, "version")
    case .sectionHead:
      reader.uint32(bytes, "byte count")
      reader.uint32(bytes, "entries")
    case .symbol:
      reader.string(bytes, "symbol")
    case .series:
      series(map, bytes, &reader)
    case .postings, .labelIndex:
      reader.uint32(bytes, "byte count")
      reader.uint32(bytes, region.kind == .postings ? "entries" : "names")
      list(bytes, &reader, around: offset)
      reader.uint32(bytes, "checksum", isHex: true)
    case .tableEntry:
      guard let entry = TableEntry(bytes, at: range.lowerBound, before: range.upperBound) else {
        break
      }
      reader.byte(bytes, "strings")
      for name in entry.keys.count == 1 ? ["name"] : ["name", "value"] {
        reader.string(bytes, name)
      }
      reader.uvarint(bytes, "offset of the list")
    case .checksum:
      reader.uint32(bytes, "checksum", isHex: true)
    case .tableOfContents:
      for name in [
        "symbols", "series", "label indices", "label offset table", "postings",
        "postings offset table",
      ] { reader.uint64(bytes, name) }
      reader.uint32(bytes, "checksum", isHex: true)
    default:
      break
    }
    return reader.finish(bytes)
  }

  private static func series(_ map: IndexMap, _ bytes: RawSpan, _ reader: inout FieldReader) {
    func symbol(_ reference: UInt64) -> String {
      let text = UInt32(exactly: reference).flatMap { map.symbols.text($0, bytes) }
      return "\(reference)" + (text.map { " " + LabelText.quoted($0) } ?? " (no such symbol)")
    }
    reader.uvarint(bytes, "byte count")
    let labels = reader.uvarint(bytes, "labels") ?? 0
    var label: UInt64 = 0
    while label < labels, reader.uvarint(bytes, "name", text: symbol) != nil,
      reader.uvarint(bytes, "value", text: symbol) != nil
    {
      label += 1
    }
    let chunks = reader.uvarint(bytes, "chunks") ?? 0
    var (time, location) = (Int64(0), UInt64(0))
    var chunk: UInt64 = 0
    // Each takes a byte or more, so that a wrong count ends with the entry.
    while chunk < chunks, reader.remaining > 4 {
      let before = reader.position
      defer { chunk += 1 }
      if chunk == 0 {
        time = reader.varint(bytes, "chunk 1 from") ?? 0
      } else {
        reader.uvarint(bytes, "chunk \(chunk + 1) from") {
          time = time &+ Int64(bitPattern: $0)
          return "\(time) (+\($0))"
        }
      }
      reader.uvarint(bytes, "chunk \(chunk + 1) to") {
        time = time &+ Int64(bitPattern: $0)
        return "\(time) (+\($0))"
      }
      func place() -> String {
        let place = ChunkLocation(location)
        return "segment \(place.segment + 1), offset \(place.offset)"
      }
      if chunk == 0 {
        reader.uvarint(bytes, "chunk 1 at") {
          location = $0
          return place()
        }
      } else {
        reader.varint(bytes, "chunk \(chunk + 1) at") {
          location = location &+ UInt64(bitPattern: $0)
          return place()
        }
      }
      if reader.position == before { break }
    }
    reader.uint32(bytes, "checksum", isHex: true)
  }

  private static func list(
    _ bytes: RawSpan, _ reader: inout FieldReader, around offset: Int
  ) {
    let start = reader.position
    let count = max(0, (reader.end - 4 - start) / 4)
    let asked = min(max(0, (offset - start) / 4), max(0, count - 1))
    let shown = max(0, asked - neighbours)..<min(count, asked + neighbours + 1)
    reader.skip(4 * shown.lowerBound, "\(shown.lowerBound) ids")
    for index in shown { reader.uint32(bytes, "id \(index + 1) of \(count)") }
    reader.skip(4 * (count - shown.upperBound), "\(count - shown.upperBound) ids")
  }

  /// The fields of a region of a segment.
  package static func segment(_ file: ByteSlice, _ region: ByteRegion) -> [ByteField] {
    let bytes = file.bytes
    var reader = FieldReader(start: region.range.lowerBound, end: region.range.upperBound)
    switch region.kind {
    case .header:
      reader.hex(bytes, 4, "magic")
      reader.byte(bytes, "version")
      reader.hex(bytes, 3, "padding")
    case .chunk, .unknown:
      let length = reader.uvarint(bytes, "byte count") ?? 0
      var encoding = ChunkEncoding(rawValue: 0)
      reader.byte(bytes, "encoding") {
        encoding = ChunkEncoding(rawValue: $0)
        return "\($0) \(encoding)"
      }
      let dataEnd = reader.position + min(Int(clamping: length), max(0, reader.remaining - 4))
      if encoding != .aggregate, dataEnd - reader.position >= 2 {
        reader.uint16(bytes, "samples")
      }
      if dataEnd > reader.position { reader.hex(bytes, dataEnd - reader.position, "samples' bits") }
      reader.uint32(bytes, "checksum", isHex: true)
    default:
      break
    }
    return reader.finish(bytes)
  }

  /// The fields of a region of a tombstones file.
  package static func tombstones(_ file: ByteSlice, _ region: ByteRegion) -> [ByteField] {
    let bytes = file.bytes
    var reader = FieldReader(start: region.range.lowerBound, end: region.range.upperBound)
    switch region.kind {
    case .header:
      reader.hex(bytes, 4, "magic")
      reader.byte(bytes, "version")
    case .tombstone:
      reader.uvarint(bytes, "series")
      reader.varint(bytes, "from")
      reader.varint(bytes, "to")
    case .checksum:
      reader.uint32(bytes, "checksum", isHex: true)
    default:
      break
    }
    return reader.finish(bytes)
  }
}

/// Takes fields one after the other; what does not fit is left to ``finish(_:)``.
struct FieldReader {
  private(set) var position: Int
  let end: Int
  private var fields: [ByteField] = []

  init(start: Int, end: Int) {
    position = start
    self.end = end
  }

  var remaining: Int { end - position }

  private mutating func take(_ count: Int, _ name: String, _ value: String) {
    guard count <= remaining else { return }
    if count > 0 { fields.append(ByteField(position..<position + count, name, value)) }
    position += count
  }

  mutating func skip(_ count: Int, _ value: String) { take(count, "", value) }

  mutating func hex(_ bytes: RawSpan, _ count: Int, _ name: String) {
    take(count, name, "\(count) bytes")
  }

  mutating func byte(_ bytes: RawSpan, _ name: String, text: (UInt8) -> String = { "\($0)" }) {
    guard remaining >= 1 else { return }
    take(1, name, text(bytes.byte(at: position)))
  }

  mutating func uint16(_ bytes: RawSpan, _ name: String) {
    var cursor = ByteDecoder(bytes.extracting(0..<end), at: position)
    guard let value = try? cursor.uint16() else { return }
    take(2, name, "\(value)")
  }

  mutating func uint32(_ bytes: RawSpan, _ name: String, isHex: Bool = false) {
    guard remaining >= 4 else { return }
    let value = bytes.bigEndianUInt32(at: position)
    take(4, name, isHex ? TSDBBlock.hex(value) : "\(value)")
  }

  mutating func uint64(_ bytes: RawSpan, _ name: String) {
    guard remaining >= 8 else { return }
    take(8, name, "\(bytes.bigEndianUInt64(at: position))")
  }

  @discardableResult
  mutating func uvarint(
    _ bytes: RawSpan, _ name: String, text: (UInt64) -> String = { "\($0)" }
  ) -> UInt64? {
    var cursor = ByteDecoder(bytes.extracting(0..<end), at: position)
    guard let value = try? cursor.uvarint() else { return nil }
    take(cursor.position - position, name, text(value))
    return value
  }

  @discardableResult
  mutating func varint(
    _ bytes: RawSpan, _ name: String, text: (Int64) -> String = { "\($0)" }
  ) -> Int64? {
    var cursor = ByteDecoder(bytes.extracting(0..<end), at: position)
    guard let value = try? cursor.varint() else { return nil }
    take(cursor.position - position, name, text(value))
    return value
  }

  mutating func string(_ bytes: RawSpan, _ name: String) {
    guard let length = uvarint(bytes, "length of the \(name)") else { return }
    let count = Int(clamping: length)
    guard count <= remaining else { return }
    take(
      count, name, LabelText.quoted([UInt8](bytes.extracting(position..<position + count))))
  }

  /// All fields, with the rest as one.
  mutating func finish(_ bytes: RawSpan) -> [ByteField] {
    take(remaining, "", "\(remaining) bytes")
    return fields
  }
}
