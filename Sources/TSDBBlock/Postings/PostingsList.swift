/// A sorted list of series ids where it stands in an index: big-endian words, no copy.
struct PostingsList {
  /// File offset of the first id.
  let start: Int
  let count: Int

  func id(at index: Int, in bytes: RawSpan) -> UInt32 {
    bytes.bigEndianUInt32(at: start + 4 * index)
  }

  func append(to ids: inout [UInt32], in bytes: RawSpan) {
    ids.reserveCapacity(ids.count + count)
    let words = bytes.extracting(start..<start + 4 * count)
    var offset = 0
    while offset < words.byteCount {
      ids.append(words.bigEndianUInt32(at: offset))
      offset &+= 4
    }
  }
}
