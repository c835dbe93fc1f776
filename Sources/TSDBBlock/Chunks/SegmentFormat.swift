/// A chunk segment, `chunks/000001` and following (Prometheus `tsdb/docs/format/chunks.md`):
///
///     ┌──────────────────────────────────────────────────────────┐
///     │ magic 85BD40DD · version u8 · 3 bytes padding            │
///     ├──────────────────────────────────────────────────────────┤
///     │ records: uvarint dataLength · encoding u8 · data · crc   │
///     │          no alignment, no trailer                        │
///     └──────────────────────────────────────────────────────────┘
///
/// The checksum is CRC-32C over encoding and data; nothing protects the length. Zeros behind the
/// last record are the rest of a preallocation and harmless.
enum SegmentFormat {
  // On disk, never renumber.
  static let magic: UInt32 = 0x85BD_40DD
  static let version: UInt8 = 1
  static let headerByteCount = 8

  /// Where Prometheus cuts a segment.
  static let byteCountLimit = 512 << 20
  /// Room a record is given beside its data: the longest length, the encoding, the checksum.
  static let recordOverhead = 5 + 1 + 4

  static let checksumByteCount = 4

  /// Bytes of a record with so much data, and a length as short as it can be.
  static func recordByteCount(ofData byteCount: Int) -> Int {
    let bits = max(Int.bitWidth - byteCount.leadingZeroBitCount, 1)
    return (bits + 6) / 7 + 1 + byteCount + checksumByteCount
  }

  static var header: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: magic)
    return bytes + [version, 0, 0, 0]
  }
}
