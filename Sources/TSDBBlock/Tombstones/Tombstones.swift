/// What was deleted from a block and is still stored in it.
///
///     ┌ magic 0130BA30 ┬ version u8 ┬ (uvarint series id · varint mint · varint maxt)* ┬ crc u32 ┐
///
/// The checksum is CRC-32C over the entries alone. Intervals are closed, in milliseconds. Entries
/// come in any order; those of one series are merged here, also when they only touch.
public struct Tombstones: Equatable, Sendable {
  // On disk, never renumber.
  static let magic: UInt32 = 0x0130_BA30
  static let version: UInt8 = 1
  /// The name of the file in the block's directory.
  public static let fileName = "tombstones"

  private var intervals: [UInt64: [ClosedRange<Int64>]] = [:]

  /// No deletions.
  public init() {}

  /// Reads a tombstones file.
  ///
  /// - Throws: ``BlockError`` when header, checksum or an entry is damaged.
  public init(_ bytes: RawSpan) throws(BlockError) {
    guard bytes.byteCount >= 9 else {
      throw BlockError(
        .truncated, path: Self.fileName, offset: 0,
        detail: "the file has only \(bytes.byteCount) bytes")
    }
    let magic = bytes.bigEndianUInt32(at: 0)
    guard magic == Self.magic else {
      throw BlockError(
        .badMagic, path: Self.fileName, offset: 0,
        detail: "begins with \(hex(magic)), tombstones begin with \(hex(Self.magic))")
    }
    guard bytes.byte(at: 4) == Self.version else {
      throw BlockError(
        .unsupportedVersion, path: Self.fileName, offset: 4,
        detail: "tombstones version \(bytes.byte(at: 4)) is not known")
    }
    let entries = bytes.extracting(5..<bytes.byteCount - 4)
    let stored = bytes.bigEndianUInt32(at: bytes.byteCount - 4)
    let computed = CRC32C(entries).value
    guard stored == computed else {
      throw BlockError.checksum(computed: computed, stored: stored, section: "entries", offset: 5)
        .inFile(Self.fileName)
    }
    var cursor = ByteDecoder(entries)
    do throws(DecodeError) {
      while cursor.remaining > 0 {
        let series = try cursor.uvarint()
        let minTime = try cursor.varint()
        let maxTime = try cursor.varint()
        if minTime <= maxTime { intervals[series, default: []].append(minTime...maxTime) }
      }
    } catch {
      throw BlockError.decoding(error, section: "entries", offset: 5 + cursor.position)
        .inFile(Self.fileName)
    }
    intervals = intervals.mapValues(Self.merged)
  }

  /// The file with these deletions, sorted by series.
  func encoded() -> [UInt8] {
    var entries: [UInt8] = []
    for (series, ranges) in intervals.sorted(by: { $0.key < $1.key }) {
      for range in ranges {
        entries.append(uvarint: series)
        entries.append(varint: range.lowerBound)
        entries.append(varint: range.upperBound)
      }
    }
    var bytes: [UInt8] = []
    bytes.append(bigEndian: Self.magic)
    bytes.append(Self.version)
    bytes += entries
    bytes.append(bigEndian: CRC32C(entries.rawSpan).value)
    return bytes
  }

  /// Deletes `range` of a series.
  public mutating func delete(_ range: ClosedRange<Int64>, ofSeries id: UInt32) {
    intervals[UInt64(id)] = Self.merged(intervals[UInt64(id), default: []] + [range])
  }

  /// Whether nothing is deleted.
  public var isEmpty: Bool { intervals.isEmpty }

  /// Number of intervals.
  public var count: Int { intervals.values.reduce(0) { $0 + $1.count } }

  /// Ids of the series with deletions, increasing.
  public var seriesIDs: [UInt64] { intervals.keys.sorted() }

  /// Deleted times of a series: sorted, disjoint, not touching.
  public func intervals(ofSeries id: UInt32) -> [ClosedRange<Int64>] {
    intervals.isEmpty ? [] : intervals[UInt64(id)] ?? []
  }

  private static func merged(_ ranges: [ClosedRange<Int64>]) -> [ClosedRange<Int64>] {
    var result: [ClosedRange<Int64>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      // An interval to the end of time swallows all that follow; one more would overflow.
      if let last = result.last,
        last.upperBound == .max || range.lowerBound <= last.upperBound + 1
      {
        result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }
}
