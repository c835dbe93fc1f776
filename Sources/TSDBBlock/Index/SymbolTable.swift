/// Every distinct label name and value of a block, sorted by bytes.
///
///     ┌ byteCount u32 ┬ count u32 ┬ (length uvarint, bytes)* ┬ crc32c u32 ┐
///
/// References are ordinals in index version 2 and byte offsets of the length in version 1. Unused
/// symbols are common. Every 32nd position is remembered: 4 bytes of memory for 32 symbols.
///
/// The table works on any bytes that hold it: a whole index, an index-header, a fetched range.
/// Ranges it returns are positions in these bytes, ``slice``.
public struct SymbolTable: Sendable {
  /// Number of symbols.
  public let count: Int
  /// What holds the table, and perhaps more.
  public internal(set) var slice: ByteSlice
  /// Where `slice` begins in the index; negative in an index-header, where the table stands
  /// further behind than in the index.
  private let fileOffset: Int
  private let section: IndexSection
  private let usesOffsets: Bool
  /// Positions of every 32nd symbol, relative to the content.
  private let samples: [UInt32]

  /// Scans and verifies the table once.
  ///
  /// - Parameters:
  ///   - offset: of the table's byte count in `index`.
  ///   - fileOffset: where `index` begins in the index file, to which version 1 refers.
  /// - Complexity: O(bytes of the table).
  init(
    index: ByteSlice, at offset: Int, version: UInt8, fileOffset: Int = 0
  ) throws(BlockError) {
    let bytes = index.bytes
    self.fileOffset = fileOffset
    section = try IndexSection(in: bytes, at: offset, name: "symbols")
    try section.verify(in: bytes, name: "symbols")
    count = try section.entryCount(in: bytes, entrySize: 1, name: "symbols")
    slice = index
    usesOffsets = version == 1
    let content = bytes.extracting(section.content)
    var cursor = ByteDecoder(content, at: 4)
    var samples: [UInt32] = []
    samples.reserveCapacity(count / IndexFormat.samplingDistance + 1)
    for ordinal in 0..<count {
      if ordinal % IndexFormat.samplingDistance == 0 {
        samples.append(UInt32(truncatingIfNeeded: cursor.position))
      }
      do {
        _ = try cursor.lengthPrefixed()
      } catch {
        throw .decoding(
          error, section: "symbols", offset: section.content.lowerBound + cursor.position)
      }
    }
    self.samples = samples
  }

  /// The table of a part of an index that was fetched alone: the bytes from the table of contents'
  /// `symbols` to its `series`, or more.
  ///
  /// - Parameters:
  ///   - part: begins with the table's byte count.
  ///   - fileOffset: where `part` begins in the index.
  ///   - indexVersion: 1 or 2.
  /// - Throws: ``BlockError`` when the table is damaged.
  /// - Complexity: O(bytes of the table).
  public init(part: ByteSlice, fileOffset: Int, indexVersion: UInt8) throws(BlockError) {
    try self.init(index: part, at: 0, version: indexVersion, fileOffset: fileOffset)
  }

  /// Where the symbol stands in ``slice``.
  ///
  /// - Throws: ``BlockError`` with the code `badReference` when there is no such symbol.
  /// - Complexity: O(1), on average 16 length fields are skipped.
  public func range(of reference: UInt32) throws(BlockError) -> Range<Int> {
    try range(of: reference, in: slice.bytes)
  }

  func range(of reference: UInt32, in index: RawSpan) throws(BlockError) -> Range<Int> {
    let base = section.content.lowerBound
    do {
      if usesOffsets {
        let position = Int(reference) - fileOffset
        guard section.content.contains(position) else { throw DecodeError.malformed }
        var cursor = ByteDecoder(index.extracting(section.content), at: position - base)
        let range = try cursor.lengthPrefixed()
        return base + range.lowerBound..<base + range.upperBound
      }
      guard reference < count else { throw DecodeError.malformed }
      let sample = Int(reference) / IndexFormat.samplingDistance
      var cursor = ByteDecoder(index.extracting(section.content), at: Int(samples[sample]))
      for _ in 0..<Int(reference) % IndexFormat.samplingDistance {
        _ = try cursor.lengthPrefixed()
      }
      let range = try cursor.lengthPrefixed()
      return base + range.lowerBound..<base + range.upperBound
    } catch {
      throw BlockError(
        .badReference, section: "symbols", offset: base,
        detail: "there is no symbol \(reference), the table has \(count)")
    }
  }

  /// The symbol's bytes.
  public func bytes(of reference: UInt32) throws(BlockError) -> [UInt8] {
    [UInt8](slice.bytes.extracting(try range(of: reference)))
  }

  /// The labels of a series as bytes.
  public func labels(_ references: some Sequence<LabelReference>) throws(BlockError) -> LabelSet {
    var set = LabelSet()
    try appendLabels(references, to: &set)
    return set
  }

  func appendLabels(
    _ references: some Sequence<LabelReference>, to set: inout LabelSet
  ) throws(BlockError) {
    let slice = slice
    let bytes = slice.bytes
    for label in references {
      let name = try range(of: label.name, in: bytes)
      let value = try range(of: label.value, in: bytes)
      set.append(name: bytes.extracting(name), value: bytes.extracting(value))
    }
  }

  /// A position in the table that moves symbol by symbol.
  struct Walk {
    fileprivate let content: Range<Int>
    fileprivate let usesOffsets: Bool
    fileprivate let fileOffset: Int
    fileprivate var left: Int
    fileprivate var position = 4
    fileprivate var ordinal: UInt32 = 0

    mutating func next(
      in index: RawSpan
    ) throws(BlockError) -> (reference: UInt32, range: Range<Int>)? {
      guard left > 0 else { return nil }
      left -= 1
      let start = content.lowerBound + position
      var cursor = ByteDecoder(index.extracting(content), at: position)
      do {
        let range = try cursor.lengthPrefixed()
        position = cursor.position
        defer { ordinal &+= 1 }
        return (
          usesOffsets ? UInt32(truncatingIfNeeded: start + fileOffset) : ordinal,
          content.lowerBound + range.lowerBound..<content.lowerBound + range.upperBound
        )
      } catch {
        throw .decoding(error, section: "symbols", offset: start)
      }
    }
  }

  func makeWalk() -> Walk {
    Walk(
      content: section.content, usesOffsets: usesOffsets, fileOffset: fileOffset, left: count)
  }
}
