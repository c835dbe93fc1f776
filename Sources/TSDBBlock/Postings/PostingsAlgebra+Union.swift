/// The union of many lists.
///
///     ids close together    a bit per id between the smallest and the largest
///     ids far apart         all in one array, sorted by digits
extension PostingsAlgebra {
  /// The ids that are in any of `lists`.
  ///
  /// - Complexity: O(ids of all lists).
  public static func union(_ lists: [FetchedPostings]) -> [UInt32] {
    var union = PostingsUnion(total: lists.reduce(0) { $0 + $1.count })
    for list in lists {
      let slice = list.slice
      union.widen(to: list.list, in: slice.bytes)
    }
    union.prepare()
    for list in lists {
      let slice = list.slice
      union.add(list.list, in: slice.bytes)
    }
    return union.finish()
  }

  /// The ids that are in any of `lists`.
  ///
  /// - Complexity: O(ids of all lists).
  public static func union(_ lists: [[UInt32]]) -> [UInt32] {
    if lists.count == 1 { return lists[0] }
    var union = PostingsUnion(total: lists.reduce(0) { $0 + $1.count })
    for list in lists { union.widen(to: list) }
    union.prepare()
    for list in lists { union.add(list) }
    return union.finish()
  }

  static func union(_ lists: [PostingsList], in bytes: RawSpan) -> [UInt32] {
    if lists.count == 1 {
      var ids: [UInt32] = []
      lists[0].append(to: &ids, in: bytes)
      return ids
    }
    var union = PostingsUnion(total: lists.reduce(0) { $0 + $1.count })
    for list in lists { union.widen(to: list, in: bytes) }
    union.prepare()
    for list in lists { union.add(list, in: bytes) }
    return union.finish()
  }
}

/// A union under construction: first the bounds of all lists, then their ids.
private struct PostingsUnion {
  private let total: Int
  private var low = UInt32.max
  private var high = UInt32.min
  private var bitmap: [UInt64] = []
  private var ids: [UInt32] = []

  init(total: Int) { self.total = total }

  mutating func widen(to list: PostingsList, in bytes: RawSpan) {
    guard list.count > 0 else { return }
    low = min(low, list.id(at: 0, in: bytes))
    high = max(high, list.id(at: list.count - 1, in: bytes))
  }

  mutating func widen(to list: [UInt32]) {
    guard let first = list.first, let last = list.last else { return }
    low = min(low, first)
    high = max(high, last)
  }

  mutating func prepare() {
    guard low <= high else { return }
    let words = Int(high - low) / 64 + 1
    if words <= total {
      bitmap = [UInt64](repeating: 0, count: words)
    } else {
      ids.reserveCapacity(total)
    }
  }

  mutating func add(_ list: PostingsList, in bytes: RawSpan) {
    guard !bitmap.isEmpty else { return list.append(to: &ids, in: bytes) }
    let low = low
    let limit = high &- low
    var words = bitmap.mutableSpan
    let source = list.words(in: bytes)
    for index in 0..<list.count {
      // A damaged list may be unsorted, and its ends then say nothing about its middle.
      // SAFETY: the source has `list.count` words, the bitmap a bit for each place to the limit.
      let place = unsafe source.uncheckedID(at: index) &- low
      guard place <= limit else { continue }
      unsafe words[unchecked: Int(place &>> 6)] |= 1 &<< UInt64(place & 63)
    }
  }

  mutating func add(_ list: [UInt32]) {
    guard !bitmap.isEmpty else { return ids.append(contentsOf: list) }
    let low = low
    let limit = high &- low
    var words = bitmap.mutableSpan
    for id in list {
      let place = id &- low
      guard place <= limit else { continue }
      // SAFETY: the bitmap has a bit for each place to the limit.
      unsafe words[unchecked: Int(place &>> 6)] |= 1 &<< UInt64(place & 63)
    }
  }

  mutating func finish() -> [UInt32] {
    guard !bitmap.isEmpty else {
      sortIDs()
      removeRepetitions()
      return ids
    }
    let (bitmap, low) = (bitmap, low)
    var count = 0
    for word in bitmap { count &+= word.nonzeroBitCount }
    var ids = [UInt32](repeating: 0, count: count)
    var target = ids.mutableSpan
    var filled = 0
    for index in bitmap.indices {
      var rest = bitmap[index]
      let base = low &+ UInt32(truncatingIfNeeded: index &<< 6)
      while rest != 0 {
        target[filled] = base &+ UInt32(truncatingIfNeeded: rest.trailingZeroBitCount)
        filled &+= 1
        rest &= rest &- 1
      }
    }
    return ids
  }

  /// By 11 bits at a time, the lowest first.
  private mutating func sortIDs() {
    guard ids.count > 1 << 11 else { return ids.sort() }
    var other = [UInt32](repeating: 0, count: ids.count)
    for shift: UInt32 in [0, 11, 22] {
      var starts = [Int](repeating: 0, count: 1 << 11 + 1)
      for id in ids { starts[Int((id &- low) &>> shift & 2047) &+ 1] &+= 1 }
      for digit in 1...(1 << 11) { starts[digit] &+= starts[digit &- 1] }
      for id in ids {
        let digit = Int((id &- low) &>> shift & 2047)
        other[starts[digit]] = id
        starts[digit] &+= 1
      }
      swap(&ids, &other)
    }
  }

  private mutating func removeRepetitions() {
    var kept = 0
    for index in ids.indices where kept == 0 || ids[index] != ids[kept - 1] {
      ids[kept] = ids[index]
      kept &+= 1
    }
    ids.removeLast(ids.count - kept)
  }
}
