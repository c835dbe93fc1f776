/// The times of XOR chunks, for who does not need their values.
///
/// Where a value ends depends on nothing but the sizes in its head, so values are stepped over:
///
///     ┌ dod ┬ 0 ┐  ┌ dod ┬ 10 ┬ window bits ┐  ┌ dod ┬ 11 ┬ 5 ┬ 6 ┬ window bits ┐
///            +1            +2 +size                    +13 +new size
///
/// Which of the three comes next nobody can foresee, so no branch is taken on it. Then each sample
/// waits for the one before it, and two chunks walked side by side take hardly longer than one.
enum XORTimes {
  /// The first and the last time of a chunk.
  typealias Bounds = ClosedRange<Int64>

  /// The bounds of two chunks whose samples are all there and increase in time.
  ///
  /// - Parameters:
  ///   - bytes: of the segment around them.
  ///   - left: the data of one of them, beginning with the two bytes of its count.
  ///   - right: likewise.
  /// - Returns: nil for any other chunk, for one without samples, and for one that has less than 28
  ///   bytes behind it: ``XORDecoder`` can say what is wrong, if anything is.
  static func bounds(
    _ bytes: RawSpan, _ left: Range<Int>, _ right: Range<Int>
  ) -> (left: Bounds?, right: Bounds?) {
    // Local values stay in registers.
    var (first, second) = (XORWalk(bytes, left), XORWalk(bytes, right))
    while first.hasNext, second.hasNext {
      first.step(bytes)
      second.step(bytes)
    }
    first.finish(bytes)
    second.finish(bytes)
    return (first.bounds, second.bounds)
  }

  /// The bounds of one chunk, likewise.
  static func bounds(_ bytes: RawSpan, _ payload: Range<Int>) -> Bounds? {
    var walk = XORWalk(bytes, payload)
    walk.finish(bytes)
    return walk.bounds
  }
}

/// A walk over the samples of an XOR chunk.
private struct XORWalk {
  /// Bit offset of the next sample.
  private var position: Int
  /// The last bit offset at which a sample can be read without asking where the bytes end.
  private let lastStart: Int
  private let end: Int
  /// Samples to come.
  private var left = 0
  private var timestamp: Int64
  private var delta: Int64 = 0
  private var significant = 64
  private let first: Int64
  /// Negative once a time did not increase or a window was wider than a value.
  private var flaws = 0

  /// Reads the first two samples.
  init(_ bytes: RawSpan, _ payload: Range<Int>) {
    let isInside = payload.lowerBound >= 0 && payload.upperBound <= bytes.byteCount
    var head = ByteDecoder(bytes.extracting(isInside ? payload : 0..<0))
    let count = Int((try? head.uint16()) ?? 0)
    first = (try? head.varint()) ?? 0
    let hasValue = (try? head.uint64()) != nil
    let distance = count > 1 ? try? head.uvarint() : 0
    position = (payload.lowerBound &+ head.position) &<< 3
    lastStart = bytes.byteCount &<< 3 &- XORState.largestSample &- 72
    end = payload.upperBound &<< 3
    timestamp = first
    guard hasValue, count > 0, let distance else {
      flaws = -1
      return
    }
    guard count > 1 else { return }
    left = count &- 1
    guard hasNext else { return }
    delta = Int64(bitPattern: distance)
    skipValue(Self.peek(bytes, position), 0)
    advance()
  }

  @inline(__always)
  var hasNext: Bool { left > 0 && position <= lastStart }

  /// Nil when something is wrong.
  var bounds: ClosedRange<Int64>? {
    left == 0 && flaws >= 0 && position <= end ? first...timestamp : nil
  }

  /// The next bits from the top down, at least 57.
  @inline(__always)
  private static func peek(_ bytes: RawSpan, _ position: Int) -> UInt64 {
    bytes.bigEndianUInt64(at: position >> 3) &<< UInt64(truncatingIfNeeded: position & 7)
  }

  /// Skips all samples to come.
  @inline(never)
  mutating func finish(_ bytes: RawSpan) {
    var walk = self
    while walk.hasNext { walk.step(bytes) }
    self = walk
  }

  /// Skips a sample, or some that differ in nothing but their times. There must be one.
  @inline(__always)
  mutating func step(_ bytes: RawSpan) {
    let window = Self.peek(bytes, position)
    if window >> 56 == 0 {
      skipRun(window)
      return
    }
    if window >> 63 == 0 {
      skipValue(window, 1)
    } else if window >> 62 == 0b10 {
      delta &+= XORState.change((window &<< 2) &>> 50, of: 14)
      skipValue(window, 16)
    } else if window >> 61 == 0b110 {
      delta &+= XORState.change((window &<< 3) &>> 47, of: 17)
      skipValue(window, 20)
    } else if window >> 60 == 0b1110 {
      delta &+= XORState.change((window &<< 4) &>> 44, of: 20)
      skipValue(window, 24)
    } else {
      position &+= 4
      let rest = UInt64(bytes.byte(at: position >> 3 &+ 8))
      let high = Self.peek(bytes, position)
      delta &+= Int64(
        bitPattern: high | rest &>> UInt64(truncatingIfNeeded: 8 &- (position & 7)))
      position &+= 64
      skipValue(Self.peek(bytes, position), 0)
    }
    advance()
  }

  @inline(__always)
  private mutating func advance() {
    let next = timestamp &+ delta
    flaws |= next <= timestamp ? -1 : 0
    timestamp = next
    left &-= 1
  }

  /// Skips four or more samples at the usual distance with the same value.
  @inline(__always)
  private mutating func skipRun(_ window: UInt64) {
    let zeros = Swift.min(window.leadingZeroBitCount, 57)
    let run = Swift.min(zeros / 2, left)
    position &+= run &* 2
    left &-= run
    let (distance, isTooFar) = delta.multipliedReportingOverflow(by: Int64(run))
    let next = timestamp &+ distance
    flaws |= isTooFar || next <= timestamp || delta <= 0 ? -1 : 0
    timestamp = next
  }

  /// Skips a value behind the first `consumed` bits of `window`, which is at the cursor.
  @inline(__always)
  private mutating func skipValue(_ window: UInt64, _ consumed: Int) {
    let rest = window &<< UInt64(truncatingIfNeeded: consumed)
    let leading = Int(truncatingIfNeeded: rest &>> 57 & 0x1F)
    // 64 is written as 0.
    let size = Int(truncatingIfNeeded: (rest &>> 51 &- 1) & 0x3F) &+ 1
    // Masks, since a compiler makes branches of conditions.
    let isChanged = Int(bitPattern: UInt(rest)) >> 63
    let isNew = isChanged & (Int(bitPattern: UInt(rest &<< 1)) >> 63)
    significant ^= (significant ^ size) & isNew
    flaws |= (64 &- leading &- size) & isNew
    position &+= consumed &+ 1 &+ ((1 &+ (11 & isNew) &+ significant) & isChanged)
  }
}
