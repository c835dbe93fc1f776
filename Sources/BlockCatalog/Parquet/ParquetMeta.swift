internal import TSDBBlock

/// What the meta.pb of a converted block tells: from which blocks it was made.
///
///     tag uvarint (field << 3 | type) │ value …      a protocol buffer
///     6: text                                        the identity of a source block; repeated
///     others                                         skipped
///
/// Source: `convertedFromBLIDs` of the parquet converter's metadata.
struct ParquetMeta: Equatable {
  /// The name of such files, at any depth of the bucket.
  static let fileName = "meta.pb"

  private(set) var sources: Set<BlockID> = []

  /// - Throws: ``DecodeError`` for bytes that are no message or name no block.
  init(_ bytes: [UInt8]) throws(DecodeError) {
    let span = bytes.rawSpan
    var decoder = ByteDecoder(span)
    while decoder.remaining > 0 {
      let tag = try decoder.uvarint()
      switch tag & 7 {
      case 0: _ = try decoder.uvarint()
      case 1: try decoder.skip(8)
      case 5: try decoder.skip(4)
      case 2:
        guard let count = Int(exactly: try decoder.uvarint()) else { throw .overflow }
        let start = decoder.position
        try decoder.skip(count)
        guard tag >> 3 == 6 else { continue }
        let text = String(decoding: bytes[start..<decoder.position], as: UTF8.self)
        guard let id = BlockID(ignoringCase: text) else { throw .malformed }
        sources.insert(id)
      default: throw .malformed
      }
    }
  }
}
