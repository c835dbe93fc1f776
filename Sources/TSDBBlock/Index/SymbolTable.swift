/// Every distinct label name and value of a block, sorted by bytes.
///
///     ┌ byteCount u32 ┬ count u32 ┬ (length uvarint, bytes)* ┬ crc32c u32 ┐
///
/// References are ordinals in index version 2 and byte offsets of the length in version 1. Unused
/// symbols are common. Every 32nd position is remembered: 4 bytes of memory for 32 symbols.
public struct SymbolTable: Sendable {
  /// Number of symbols.
  public let count: Int
  let slice: ByteSlice
  private let section: IndexSection
  private let usesOffsets: Bool
  /// Positions of every 32nd symbol, relative to the content.
  private let samples: [UInt32]

  /// Scans and verifies the table once.
  ///
  /// - Complexity: O(bytes of the table).
  init(index: ByteSlice, at offset: Int, version: UInt8) throws(BlockError) {
    let bytes = index.bytes
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

  /// Where the symbol stands in the index file.
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
        guard section.content.contains(Int(reference)) else { throw DecodeError.malformed }
        var cursor = ByteDecoder(index.extracting(section.content), at: Int(reference) - base)
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

  /// A position in the table that moves symbol by symbol.
  struct Walk {
    fileprivate let content: Range<Int>
    fileprivate let usesOffsets: Bool
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
          usesOffsets ? UInt32(truncatingIfNeeded: start) : ordinal,
          content.lowerBound + range.lowerBound..<content.lowerBound + range.upperBound
        )
      } catch {
        throw .decoding(error, section: "symbols", offset: start)
      }
    }
  }

  func makeWalk() -> Walk {
    Walk(content: section.content, usesOffsets: usesOffsets, left: count)
  }
}
