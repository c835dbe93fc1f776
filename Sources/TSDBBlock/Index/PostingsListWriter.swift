/// Writes the lists of an index, one behind the other, and notes which ones.
///
///     byteCount u32 · n u32 · n × series id u32 · crc       every list at a multiple of 4
///
/// All of it is big-endian words, so words are what the buffer holds. Where each list stands
/// follows from the counts of those before it: the directory is (Δ key, count) in uvarints, about
/// three bytes per list, in a spill file.
struct PostingsListWriter: PostingsSink {
  private let file: AppendOnlyFile
  private var words: [UInt32] = []
  /// Of the list's checksummed words, those in the buffer; the ones before are in `checksum`.
  private var checksummed = 0
  private var checksum = CRC32C()
  private(set) var directory: PostingsDirectory

  private static let bufferedWordCount = 1 << 14

  /// - Parameter directoryPath: of the directory's spill file.
  init(_ file: AppendOnlyFile, directoryPath: String) throws(BlockError) {
    self.file = file
    try file.pad(to: IndexFormat.postingsAlignment)
    directory = PostingsDirectory(path: directoryPath, start: file.position)
  }

  mutating func beginList(_ key: PostingsKey, count: Int) throws(BlockError) {
    guard count < UInt32.max / 4 else {
      throw BlockError(
        .limitExceeded, path: file.path, section: "postings", offset: file.position,
        detail: "of \(count) series are more than a list can hold")
    }
    try directory.append(key, count: count)
    words.append((4 &+ 4 &* UInt32(count)).bigEndian)
    checksummed = words.count
    checksum = CRC32C()
    words.append(UInt32(count).bigEndian)
  }

  mutating func append(_ ids: Span<UInt32>) throws(BlockError) {
    for index in ids.indices { words.append(ids[index].bigEndian) }
    if words.count >= Self.bufferedWordCount { try flush() }
  }

  mutating func endList() throws(BlockError) {
    addToChecksum()
    words.append(checksum.value.bigEndian)
    checksummed = words.count
    if words.count >= Self.bufferedWordCount { try flush() }
  }

  mutating func finish() throws(BlockError) {
    try directory.finish()
    try flush()
  }

  private mutating func addToChecksum() {
    var sum = checksum
    sum.update(words.rawSpan.extracting(4 * checksummed..<4 * words.count))
    checksum = sum
    checksummed = words.count
  }

  private mutating func flush() throws(BlockError) {
    addToChecksum()
    try file.append(words.rawSpan)
    words.removeAll(keepingCapacity: true)
    checksummed = 0
  }
}

/// Which lists were written, in order, and where.
struct PostingsDirectory {
  /// Number of lists.
  private(set) var count = 0
  private let start: Int
  private let file: SpillFile
  private var bytes: [UInt8] = []
  private var previousKey: UInt64 = 0

  /// - Parameter start: position of the first list.
  init(path: String, start: Int) {
    file = SpillFile(path: path)
    self.start = start
  }

  mutating func append(_ key: PostingsKey, count listCount: Int) throws(BlockError) {
    bytes.append(uvarint: key.rawValue &- previousKey)
    bytes.append(uvarint: UInt64(listCount))
    previousKey = key.rawValue
    count &+= 1
    if bytes.count >= 1 << 12 { try file.take(&bytes) }
  }

  mutating func finish() throws(BlockError) { try file.take(&bytes) }

  /// Calls `body` with each list's key and position.
  func forEachList(
    _ body: (_ key: PostingsKey, _ position: Int) throws(BlockError) -> Void
  ) throws(BlockError) {
    var reader = SpillReader(file, 0..<file.count)
    var key: UInt64 = 0
    var position = start
    for _ in 0..<count {
      key &+= try reader.uvarint()
      let listCount = Int(truncatingIfNeeded: try reader.uvarint())
      try body(PostingsKey(rawValue: key), position)
      // Byte count, entry count, ids and checksum are words: no padding follows.
      position &+= 4 &* (3 &+ listCount)
    }
  }
}
