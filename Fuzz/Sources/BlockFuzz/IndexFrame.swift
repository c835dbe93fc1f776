internal import TSDBBlock

/// A valid index around the part that is fuzzed.
///
///     header ┬ symbols "", a, b ┬ one series ┬ list of series ┬ list of the input ┬ table ┬ contents
struct IndexFrame {
  private(set) var bytes: [UInt8] = []
  let seriesID: UInt32

  /// An index whose one series has `series` as its body.
  init(series body: [UInt8]) {
    self.init(version: 2, body: body, list: [], table: nil)
  }

  /// An index with `list` as the content of a list and `table` as that of the offset table.
  init(version: UInt8, list: [UInt8], table: [UInt8]) {
    self.init(version: version, body: [1, 1, 2, 0], list: list, table: table)
  }

  private init(version: UInt8, body: [UInt8], list: [UInt8], table: [UInt8]?) {
    bytes = [0xBA, 0xAA, 0xD7, 0x00, version]
    let symbols = bytes.count
    Self.appendSection([0, 0, 0, 3, 0, 1, 0x61, 1, 0x62], to: &bytes)
    let series = bytes.count
    Self.pad(&bytes, to: 16)
    seriesID = UInt32(version == 1 ? bytes.count : bytes.count / 16)
    bytes += Self.uvarint(body.count) + body + Self.word32(CRC32C(body.rawSpan).value)
    let postings = bytes.count
    Self.pad(&bytes, to: 4)
    let all = bytes.count
    Self.appendSection([0, 0, 0, 1] + Self.word32(seriesID), to: &bytes)
    Self.pad(&bytes, to: 4)
    Self.appendSection(list, to: &bytes)
    let offsets = bytes.count
    let ownTable = [0, 0, 0, 1, 2, 0, 0] + Self.uvarint(all)
    Self.appendSection(table ?? ownTable, to: &bytes)
    var contents: [UInt8] = []
    for place in [symbols, series, postings, offsets, postings, offsets] {
      contents += Self.word32(0) + Self.word32(UInt32(place))
    }
    bytes += contents + Self.word32(CRC32C(contents.rawSpan).value)
  }

  private static func appendSection(_ content: [UInt8], to bytes: inout [UInt8]) {
    bytes += word32(UInt32(content.count)) + content + word32(CRC32C(content.rawSpan).value)
  }

  private static func pad(_ bytes: inout [UInt8], to alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }

  private static func word32(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func uvarint(_ value: Int) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + uvarint(value >> 7)
  }
}
