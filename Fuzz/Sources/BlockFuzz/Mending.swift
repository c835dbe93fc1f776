internal import TSDBBlock

/// Makes the checksums of a mutated file right, so that what lies behind them is reached.
///
/// Mutations break a checksum nearly always, and a reader that stops there is not tested any
/// further. The first byte of an input says whether it is mended: one in four is not, so that the
/// checks themselves are met too. What cannot be found stays as it is.
struct Mending {
  private(set) var bytes: [UInt8]

  /// The file in `input`, behind the byte that chooses.
  static func file(in input: [UInt8], _ mend: (inout Mending) -> Void) -> [UInt8] {
    guard let choice = input.first else { return [] }
    var mending = Mending(bytes: Array(input.dropFirst()))
    if choice & 3 != 0 { mend(&mending) }
    return mending.bytes
  }

  // MARK: Files

  /// Series and lists first, then the tables that lead to them: a part inside another one is
  /// covered by both checksums.
  mutating func mendIndex() {
    let table = bytes.count - 52
    guard table >= 0 else { return }
    for place in seriesOffsets(from: word64(at: table + 8), to: word64(at: table + 32)) {
      if let body = lengthPrefixed(at: place) { mend(body) }
    }
    let offsets = word64(at: table + 40)
    for place in listOffsets(at: offsets) { mendSection(at: place) }
    mendSection(at: word64(at: table))
    mendSection(at: offsets)
    mend(table..<table + 48)
  }

  mutating func mendSegment() {
    var place = 8
    while let data = lengthPrefixed(at: place) {
      // The encoding stands before the data and is covered; the length does not count it.
      guard data.upperBound + 5 <= bytes.count else { return }
      mend(data.lowerBound..<data.upperBound + 1)
      place = data.upperBound + 5
    }
  }

  mutating func mendTombstones() {
    if bytes.count >= 9 { mend(5..<bytes.count - 4) }
  }

  // MARK: Parts

  private func seriesOffsets(from start: Int, to end: Int) -> [Int] {
    var offsets: [Int] = []
    var place = (start + 15) / 16 * 16
    while place < min(end, bytes.count), let body = lengthPrefixed(at: place) {
      offsets.append(place)
      place = (body.upperBound + 4 + 15) / 16 * 16
    }
    return offsets
  }

  private func listOffsets(at table: Int) -> [Int] {
    guard table <= bytes.count - 8 else { return [] }
    var place = table + 8
    var lists: [Int] = []
    for _ in 0..<word32(at: table + 4) {
      guard let name = lengthPrefixed(at: place + 1),
        let value = lengthPrefixed(at: name.upperBound),
        let list = uvarint(at: value.upperBound)
      else { break }
      lists.append(list.value)
      place = list.end
    }
    return lists
  }

  private mutating func mendSection(at offset: Int) {
    guard offset <= bytes.count - 8 else { return }
    let length = word32(at: offset)
    guard length <= bytes.count - 8 - offset else { return }
    mend(offset + 4..<offset + 4 + length)
  }

  /// Writes the checksum of `range` behind it.
  private mutating func mend(_ range: Range<Int>) {
    guard range.upperBound + 4 <= bytes.count else { return }
    let checksum = CRC32C(bytes.rawSpan.extracting(range)).value
    for index in 0..<4 {
      bytes[range.upperBound + index] = UInt8(
        truncatingIfNeeded: checksum >> UInt32(24 - 8 * index))
    }
  }

  mutating func write(_ value: UInt32, littleEndianAt offset: Int) {
    for index in 0..<4 {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
    }
  }

  // MARK: Numbers

  private func lengthPrefixed(at offset: Int) -> Range<Int>? {
    guard let length = uvarint(at: offset), length.value <= bytes.count - length.end else {
      return nil
    }
    return length.end..<length.end + length.value
  }

  private func uvarint(at offset: Int) -> (value: Int, end: Int)? {
    guard offset < bytes.count else { return nil }
    var cursor = ByteDecoder(bytes.rawSpan, at: offset)
    guard let value = try? cursor.uvarint(), value < 1 << 40 else { return nil }
    return (Int(value), cursor.position)
  }

  private func word32(at offset: Int) -> Int {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  /// Numbers beyond the file come out as its end.
  private func word64(at offset: Int) -> Int {
    let value = bytes[offset..<offset + 8].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    return Int(min(value, UInt64(bytes.count)))
  }
}
