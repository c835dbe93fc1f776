/// The index file of a block, version 2 (Prometheus `tsdb/docs/format/index.md`, corrected by what
/// writers really write):
///
///     ┌──────────────────────────────────────────────────────────────────────────────┐
///     │ magic BAAAD700 · version u8                                  5 bytes, no CRC │
///     ├──────────────────────────────────────────────────────────────────────────────┤
///     │ symbols          byteCount u32 · count u32 · (uvarint length, bytes)* · crc  │
///     ├──────────────────────────────────────────────────────────────────────────────┤
///     │ series           each at a multiple of 16:                                   │
///     │                  uvarint length · body · crc of the body                     │
///     ├──────────────────────────────────────────────────────────────────────────────┤
///     │ label indices    up to Prometheus 3.6 only, read by nobody                   │
///     ├──────────────────────────────────────────────────────────────────────────────┤
///     │ postings         each at a multiple of 4:                                    │
///     │                  byteCount u32 · n u32 · n × series id u32 · crc             │
///     ├──────────────────────────────────────────────────────────────────────────────┤
///     │ label offsets    up to Prometheus 3.6 only, read by nobody                   │
///     ├──────────────────────────────────────────────────────────────────────────────┤
///     │ postings offsets byteCount u32 · n u32 ·                                     │
///     │                  n × (2 u8 · name · value · uvarint offset of the list) · crc│
///     ├──────────────────────────────────────────────────────────────────────────────┤
///     │ table of contents 6 × u64 · crc                       the last 52 bytes      │
///     └──────────────────────────────────────────────────────────────────────────────┘
///
/// Fixed integers are big endian, checksums CRC-32C over what stands between the byte count and
/// the checksum. A series id is its byte offset divided by 16.
///
/// Version 1 differs in three points: series are not aligned and their ids are byte offsets, symbol
/// references are byte offsets in the file, and the offset table need not be sorted. Version 3 is
/// read as 2, as Prometheus has done since 2.55.
enum IndexFormat {
  // On disk, never renumber.
  static let magic: UInt32 = 0xBAAA_D700
  static let headerByteCount = 5
  static let writtenVersion: UInt8 = 2
  static let tableOfContentsByteCount = 52
  static let seriesAlignment = 16
  static let postingsAlignment = 4
  /// Of the postings offset table: name and value.
  static let offsetTableKeyCount: UInt8 = 2

  /// Symbols and values between two remembered positions. Prometheus and Thanos use 32.
  static let samplingDistance = 32

  /// The largest index a u32 series id can address.
  static let byteCountLimit = 16 * (Int(UInt32.max))

  /// What a version byte means: 1 or 2.
  static func version(_ byte: UInt8, at offset: Int) throws(BlockError) -> UInt8 {
    switch byte {
    case 1: return 1
    case 2, 3: return 2
    default:
      throw BlockError(
        .unsupportedVersion, section: "header", offset: offset,
        detail: "index version \(byte) is not known")
    }
  }

  static func padding(at position: Int, to alignment: Int) -> Int {
    (alignment - position % alignment) % alignment
  }
}
