/// Finds series entries in an index that nothing else may be known of.
///
///     … crc │ 0 0 0 │ length · body · crc │ 0 0 │ ?? ····· ?? │ length · body · crc │ …
///                     where the last entry     ╰─── gap ───╯
///                     lets expect it              searched byte by byte
///
/// An entry is believed when its checksum is right and its body ends where its numbers end. The
/// length in front is not covered by the checksum: where it is damaged, the numbers of the body tell
/// how long it is. Behind a byte that was lost or inserted entries go on at another remainder of 16.
struct SeriesHunt {
  /// A body with a right checksum, in 8 bytes: 36 bits of the position, 28 bits of the byte count.
  struct Place: Equatable {
    private let raw: UInt64

    init?(_ body: Range<Int>) {
      guard body.lowerBound < 1 << 36, body.count < 1 << 28 else { return nil }
      raw = UInt64(body.lowerBound) &<< 28 | UInt64(body.count)
    }

    var body: Range<Int> {
      let start = Int(raw &>> 28)
      return start..<start + Int(raw & 0xFFF_FFFF)
    }

    /// Where the length stands, which the id counts from.
    var start: Int { body.lowerBound - SeriesHunt.byteCount(ofLength: body.count) }

    /// The number that postings and tombstones know the series by; 0, which is no series', when it
    /// does not stand where it was written.
    func id(_ version: UInt8) -> UInt32 {
      if version == 1 { return UInt32(truncatingIfNeeded: start) }
      guard start % IndexFormat.seriesAlignment == 0 else { return 0 }
      return UInt32(truncatingIfNeeded: start / IndexFormat.seriesAlignment)
    }
  }

  let version: UInt8
  private(set) var places: [Place] = []
  /// Bytes that should be entries and are not readable, increasing.
  private(set) var gaps: [Range<Int>] = []
  /// Bytes that may still be looked at without success, so that no file takes for ever.
  private var patience = 0

  init(version: UInt8) { self.version = version }

  /// - Parameters:
  ///   - start: where the first entry is expected, before its padding.
  ///   - end: behind the last entry, as far as is known.
  mutating func run(_ bytes: RawSpan, from start: Int, until end: Int) {
    patience = 64 * bytes.byteCount + 1 << 22
    var phase = 0
    var position = aligned(start, phase)
    while position < end {
      if let body = entry(bytes, at: position, hasGuesses: true) {
        if let place = Place(body) { places.append(place) }
        position = aligned(body.upperBound + 4, phase)
      } else if let next = nextEntry(bytes, behind: position, before: end) {
        gaps.append(position..<next)
        phase = next % IndexFormat.seriesAlignment
        position = next
      } else {
        if !isPadding(bytes, position..<end) { gaps.append(position..<end) }
        break
      }
    }
  }

  private func aligned(_ position: Int, _ phase: Int) -> Int {
    guard version != 1 else { return position }
    let unit = IndexFormat.seriesAlignment
    return position + (unit + phase - position % unit) % unit
  }

  private func isPadding(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    guard range.count < IndexFormat.seriesAlignment else { return false }
    for offset in range where bytes.byte(at: offset) != 0 { return false }
    return true
  }

  /// The next entry behind `position`; one whose length is damaged only where it may be expected.
  private mutating func nextEntry(
    _ bytes: RawSpan, behind position: Int, before end: Int
  ) -> Int? {
    var candidate = position + 1
    while candidate < end, patience > 0 {
      let isExpected = version != 1 && (candidate - position) % IndexFormat.seriesAlignment == 0
      if entry(bytes, at: candidate, hasGuesses: isExpected) != nil { return candidate }
      patience -= 1
      candidate += 1
    }
    return nil
  }

  /// The verified body of an entry whose length stands at `position`.
  private mutating func entry(
    _ bytes: RawSpan, at position: Int, hasGuesses: Bool
  ) -> Range<Int>? {
    var cursor = ByteDecoder(bytes, at: position)
    if let body = try? cursor.lengthPrefixed(), body.upperBound <= bytes.byteCount - 4,
      let end = numbersEnd(bytes.extracting(body), base: body.lowerBound), end == body.upperBound,
      isRight(bytes, body)
    {
      return body
    }
    guard hasGuesses else { return nil }
    for width in 1...4 {
      let start = position + width
      guard start < bytes.byteCount - 4,
        let end = numbersEnd(bytes.extracting(start..<bytes.byteCount - 4), base: start),
        Self.byteCount(ofLength: end - start) == width, isRight(bytes, start..<end)
      else { continue }
      return start..<end
    }
    return nil
  }

  private mutating func isRight(_ bytes: RawSpan, _ body: Range<Int>) -> Bool {
    patience -= body.count / 8
    return CRC32C(bytes.extracting(body)).value == bytes.bigEndianUInt32(at: body.upperBound)
  }

  /// Where the numbers of a series entry end that begin where `bytes` do; nil when they cannot be
  /// one. Without labels and chunks they are two zeros, which padding could be.
  private mutating func numbersEnd(_ bytes: RawSpan, base: Int) -> Int? {
    var cursor = ByteDecoder(bytes)
    defer { patience -= cursor.position }
    do throws(DecodeError) {
      let labels = try cursor.count(of: 2)
      for _ in 0..<2 * labels {
        guard try cursor.uvarint() <= UInt32.max else { return nil }
      }
      let chunks = try cursor.count(of: 3)
      guard labels > 0 || chunks > 0 else { return nil }
      for _ in 0..<3 * chunks { _ = try cursor.uvarint() }
      return base + cursor.position
    } catch {
      return nil
    }
  }

  /// Bytes of the uvarint of a length.
  static func byteCount(ofLength length: Int) -> Int {
    max(1, (Int.bitWidth - length.leadingZeroBitCount + 6) / 7)
  }
}
