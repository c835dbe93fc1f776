/// Where reading the buckets of one side of a sample has come to, and what they are relative to.
struct BucketPlace {
  private(set) var bucket: Int
  let end: Int
  /// Where the rows of this sample, of the one before, and of the one before that begin.
  let row: Int
  let last: Int
  let before: Int
  /// The changes so far added up.
  private var change: UInt64 = 0

  init(_ side: Range<Int>, row: Int, last: Int, before: Int) {
    (bucket, end) = (side.lowerBound, side.upperBound)
    (self.row, self.last, self.before) = (row, last, before)
  }

  @inline(__always)
  mutating func advance(to other: BucketPlace) { (bucket, change) = (other.bucket, other.change) }

  /// Stores the bucket that has this change, and goes to the next one.
  @inline(__always)
  mutating func append(_ bucketChange: Int64, to buckets: inout MutableSpan<UInt64>) {
    change &+= UInt64(bitPattern: bucketChange)
    let expected = buckets[last &+ bucket] &* 2 &- buckets[before &+ bucket]
    buckets[row &+ bucket] = expected &+ change
    bucket &+= 1
  }

  /// Whether ``appendUnchecked(_:to:)`` may be called up to the end.
  @inline(__always)
  func isWithin(_ buckets: borrowing MutableSpan<UInt64>) -> Bool {
    // Negative if one of them is.
    let differences = bucket | (end &- bucket) | last | before | (row &- last) | (row &- before)
    return differences | (buckets.count &- row &- end) >= 0
  }

  /// As ``append(_:to:)`` for a place that ``isWithin(_:)``, before its end.
  @inline(__always)
  mutating func appendUnchecked(_ bucketChange: Int64, to buckets: inout MutableSpan<UInt64>) {
    change &+= UInt64(bitPattern: bucketChange)
    // SAFETY: neither row lies behind this one, whose end is in the span.
    unsafe buckets[unchecked: row &+ bucket] =
      buckets[unchecked: last &+ bucket] &* 2 &- buckets[unchecked: before &+ bucket] &+ change
    bucket &+= 1
  }
}

/// A cursor over the bits of integer histograms.
protocol BucketReading: BitReading, ~Escapable {
  /// Reads as many buckets as it can in a fast way, which may be none.
  ///
  /// - Parameter values: ``VariableBits/shortValues``.
  mutating func readShortBuckets(
    _ buckets: inout MutableSpan<UInt64>, _ place: inout BucketPlace, _ values: Span<Int16>)
}

extension BucketReading where Self: ~Escapable {
  /// Reads the buckets from `place` on, whatever their sizes.
  @inline(never)
  mutating func readBuckets(_ buckets: inout MutableSpan<UInt64>, _ place: BucketPlace) {
    // Local copies stay in registers.
    var bits = copy self
    var place = place
    while place.bucket &+ 3 <= place.end {
      let (first, second, third) = bits.readVariableSigned3()
      place.append(first, to: &buckets)
      place.append(second, to: &buckets)
      place.append(third, to: &buckets)
    }
    while place.bucket < place.end { place.append(bits.readVariableSigned(), to: &buckets) }
    self = bits
  }
}

extension BitReader: BucketReading {
  @inline(__always)
  mutating func readShortBuckets(
    _ buckets: inout MutableSpan<UInt64>, _ place: inout BucketPlace, _ values: Span<Int16>
  ) {}
}

extension InnerBitReader: BucketReading {
  /// Reads in fours, up to four of which one has a change of more than nine bits.
  ///
  ///     bytes   … read ┬ held bits ┬ loaded, not counted ┬ …
  ///                    └ window    └ next byte           └ next byte + 8
  ///
  /// From one number to the next one leads a shift by a size, and never a load: the place of a load
  /// follows from the four numbers before the last four, so that its bytes are there in time.
  @inline(never)
  mutating func readShortBuckets(
    _ buckets: inout MutableSpan<UInt64>, _ place: inout BucketPlace, _ values: Span<Int16>
  ) {
    let most = (place.end &- place.bucket) &* VariableBits.largestShortSize
    guard place.isWithin(buckets), canRead(most &+ 64) else { return }
    // Local copies stay in registers.
    let bytes = bytes
    var local = place
    var row = buckets._mutatingExtracting(0..<place.row &+ place.end)
    var next = position &>> 3 &+ 7
    var held = 56 &- position & 7
    var window = peek()
    while local.bucket &+ 4 <= local.end {
      // SAFETY: at most eight bytes behind the cursor; canRead has seen to those and eight more.
      let loaded = unsafe UInt64(
        bigEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: next, as: UInt64.self))
      let first = window | loaded &>> UInt64(truncatingIfNeeded: held)
      // The held bits suffice, and those loaded may not be there yet.
      let firstSize = VariableBits.shortSize(window)
      let second = first &<< firstSize
      let secondSize = VariableBits.shortSize(second)
      let third = second &<< secondSize
      let thirdSize = VariableBits.shortSize(third)
      let fourth = third &<< thirdSize
      let fourthSize = VariableBits.shortSize(fourth)
      // A longer number has the size 0, and then so have those behind it.
      guard fourthSize != 0 else { break }
      next &+= (63 &- held) &>> 3
      held |= 56
      held &-= Int(truncatingIfNeeded: firstSize &+ secondSize &+ thirdSize &+ fourthSize)
      window = fourth &<< fourthSize
      local.appendUnchecked(VariableBits.shortSigned(first, firstSize, values), to: &row)
      local.appendUnchecked(VariableBits.shortSigned(second, secondSize, values), to: &row)
      local.appendUnchecked(VariableBits.shortSigned(third, thirdSize, values), to: &row)
      local.appendUnchecked(VariableBits.shortSigned(fourth, fourthSize, values), to: &row)
    }
    skip(next &<< 3 &- held &- position)
    place.advance(to: local)
  }
}
