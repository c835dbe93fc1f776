/// A sorted list of series ids where it stands in an index: big-endian words, no copy.
struct PostingsList {
  /// File offset of the first id.
  let start: Int
  let count: Int

  /// A list whose place and count have been checked.
  init(start: Int, count: Int) {
    self.start = start
    self.count = count
  }

  /// The verified list whose byte count stands at `offset` of an index.
  init(index: RawSpan, at offset: Int) throws(BlockError) {
    let section = try IndexSection(in: index, at: offset, name: "postings")
    try section.verify(in: index, name: "postings")
    count = try section.entryCount(in: index, entrySize: 4, name: "postings")
    start = section.content.lowerBound + 4
  }

  func id(at index: Int, in bytes: RawSpan) -> UInt32 {
    bytes.bigEndianUInt32(at: start + 4 * index)
  }

  /// The ids alone.
  @_lifetime(copy bytes)
  func words(in bytes: RawSpan) -> RawSpan {
    bytes.extracting(start..<start + 4 * count)
  }

  func append(to ids: inout [UInt32], in bytes: RawSpan) {
    ids.reserveCapacity(ids.count + count)
    let words = words(in: bytes)
    var offset = 0
    while offset < words.byteCount {
      ids.append(words.bigEndianUInt32(at: offset))
      offset &+= 4
    }
  }
}

extension RawSpan {
  /// The big-endian word at a position that the caller has compared with the number of words.
  @unsafe @inline(__always)
  func uncheckedID(at index: Int) -> UInt32 {
    unsafe UInt32(
      bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: 4 &* index, as: UInt32.self))
  }
}
