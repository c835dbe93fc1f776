internal import CSnappy

/// Snappy blocks: a uvarint of the size when decompressed, then literals and copies.
package enum SnappyBlock {
  /// No element of a block yields more: three bytes copy 64.
  private static let maximumRatio = 22

  /// The block that decompresses to `bytes`.
  package static func compressed(_ bytes: RawSpan) -> [UInt8] {
    var count = snappy_max_compressed_length(bytes.byteCount)
    // SAFETY: the output has the room that the library asks for, and `count` says so; it holds the
    // number of bytes written afterwards.
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { output, written in
      unsafe bytes.withUnsafeBytes { input in
        var nothing: CChar = 0
        let status = unsafe withUnsafePointer(to: &nothing) { empty in
          unsafe snappy_compress(
            input.bindMemory(to: CChar.self).baseAddress ?? empty, input.count,
            UnsafeMutableRawPointer(output.baseAddress)?.assumingMemoryBound(to: CChar.self),
            &count)
        }
        precondition(status == SNAPPY_OK, "the room for a compressed block was too small")
        written = count
      }
    }
  }

  /// What a block holds; nil when it is damaged or holds more than `limit` bytes.
  ///
  /// The size that a block claims is compared with what its bytes can yield before memory is taken.
  package static func decompressed(_ block: RawSpan, limit: Int = .max) -> [UInt8]? {
    // SAFETY: the library reads the bytes of the span only, and writes no more than `count`, for
    // which there is room.
    unsafe block.withUnsafeBytes { input -> [UInt8]? in
      guard let start = unsafe input.bindMemory(to: CChar.self).baseAddress else { return nil }
      var claimed = 0
      guard unsafe snappy_uncompressed_length(start, input.count, &claimed) == SNAPPY_OK,
        claimed <= limit, claimed / maximumRatio <= input.count
      else { return nil }
      var status = SNAPPY_OK
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(claimed, 1)) { output, written in
        var count = claimed
        status = unsafe snappy_uncompress(
          start, input.count,
          UnsafeMutableRawPointer(output.baseAddress)?.assumingMemoryBound(to: CChar.self), &count)
        written = status == SNAPPY_OK ? count : 0
      }
      return status == SNAPPY_OK ? bytes : nil
    }
  }
}
