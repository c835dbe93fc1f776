/// Sorts the (value, id) words of a label name by value. Words of one value keep their order.
///
///     v:id v:id v:id …  ──►  by 11 bits of the value at a time, the lowest first
struct PostingsSorter {
  private(set) var entries: [UInt64] = []
  private var other: [UInt64] = []

  private static let digitBits: UInt64 = 11
  private static let digitCount = 1 << 11

  mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

  mutating func reserve(_ count: Int) { entries.reserveCapacity(count) }

  mutating func append(_ words: ArraySlice<UInt64>) { entries.append(contentsOf: words) }

  mutating func sort() {
    guard let first = entries.first else { return }
    var low = first
    var high = first
    var previous: UInt64 = 0
    var isSorted = true
    for entry in entries {
      low = min(low, entry)
      high = max(high, entry)
      isSorted = isSorted && previous <= entry
      previous = entry
    }
    if isSorted { return }
    guard entries.count > Self.digitCount / 4 else {
      entries.sort()
      return
    }
    let base = low &>> 32
    var rest = (high &>> 32) &- base
    var shift: UInt64 = 0
    while rest != 0 {
      pass(base, shift)
      rest &>>= Self.digitBits
      shift &+= Self.digitBits
    }
  }

  private mutating func pass(_ base: UInt64, _ shift: UInt64) {
    let source = entries
    var target: [UInt64] = []
    swap(&target, &other)
    entries = []
    if target.count != source.count { target = [UInt64](repeating: 0, count: source.count) }
    var starts = [Int](repeating: 0, count: Self.digitCount + 1)
    for entry in source { starts[Self.digit(entry, base, shift) &+ 1] &+= 1 }
    for digit in 1...Self.digitCount { starts[digit] &+= starts[digit &- 1] }
    for entry in source {
      let digit = Self.digit(entry, base, shift)
      target[starts[digit]] = entry
      starts[digit] &+= 1
    }
    entries = target
    other = source
  }

  @inline(__always)
  private static func digit(_ entry: UInt64, _ base: UInt64, _ shift: UInt64) -> Int {
    Int(((entry &>> 32) &- base) &>> shift & UInt64(digitCount &- 1))
  }
}
