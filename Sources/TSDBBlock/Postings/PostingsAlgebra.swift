/// Set operations on sorted, distinct series ids.
enum PostingsAlgebra {
  /// Lists this many times longer than the other are searched and not walked.
  private static let gallopRatio = 16

  // MARK: Intersection

  /// The ids that are in both; `ids` keeps them.
  static func intersect(_ ids: inout [UInt32], with list: PostingsList, in bytes: RawSpan) {
    if list.count / gallopRatio > ids.count {
      gallop(&ids, list, bytes, keepFound: true)
    } else {
      var other: [UInt32] = []
      list.append(to: &other, in: bytes)
      intersect(&ids, with: other)
    }
  }

  static func intersect(_ ids: inout [UInt32], with other: [UInt32]) {
    if other.count / gallopRatio > ids.count {
      var low = 0
      keep(&ids) { id in
        low = search(id, from: low, count: other.count) { other[$0] }
        return low < other.count && other[low] == id
      }
      return
    }
    var kept = 0
    var left = 0
    var right = 0
    while left < ids.count && right < other.count {
      let a = ids[left]
      let b = other[right]
      // Written without a branch: which side is smaller cannot be predicted.
      ids[kept] = a
      kept &+= a == b ? 1 : 0
      left &+= a <= b ? 1 : 0
      right &+= b <= a ? 1 : 0
    }
    ids.removeLast(ids.count - kept)
  }

  // MARK: Subtraction

  /// Removes the ids of `list`.
  static func subtract(_ list: PostingsList, from ids: inout [UInt32], in bytes: RawSpan) {
    if list.count / gallopRatio > ids.count {
      gallop(&ids, list, bytes, keepFound: false)
    } else {
      var other: [UInt32] = []
      list.append(to: &other, in: bytes)
      subtract(other, from: &ids)
    }
  }

  static func subtract(_ other: [UInt32], from ids: inout [UInt32]) {
    var position = 0
    if ids.count / gallopRatio > other.count || other.count / gallopRatio > ids.count {
      keep(&ids) { id in
        position = search(id, from: position, count: other.count) { other[$0] }
        return !(position < other.count && other[position] == id)
      }
      return
    }
    keep(&ids) { id in
      while position < other.count && other[position] < id { position &+= 1 }
      return !(position < other.count && other[position] == id)
    }
  }

  // MARK: Union

  /// The union of many lists: copied for one, merged for a few, marked in a bitmap for many.
  static func union(_ lists: [PostingsList], in bytes: RawSpan) -> [UInt32] {
    let total = lists.reduce(0) { $0 + $1.count }
    var ids: [UInt32] = []
    if lists.count == 1 {
      lists[0].append(to: &ids, in: bytes)
      return ids
    }
    guard let range = bounds(lists, bytes) else { return ids }
    if Int(range.upperBound - range.lowerBound) / 64 <= total {
      return unionByBitmap(lists, bytes, range, total)
    }
    for list in lists { list.append(to: &ids, in: bytes) }
    ids.sort()
    removeRepetitions(&ids)
    return ids
  }

  private static func bounds(
    _ lists: [PostingsList], _ bytes: RawSpan
  ) -> ClosedRange<UInt32>? {
    var low = UInt32.max
    var high = UInt32.min
    for list in lists where list.count > 0 {
      low = min(low, list.id(at: 0, in: bytes))
      high = max(high, list.id(at: list.count - 1, in: bytes))
    }
    return low <= high ? low...high : nil
  }

  private static func unionByBitmap(
    _ lists: [PostingsList], _ bytes: RawSpan, _ range: ClosedRange<UInt32>, _ total: Int
  ) -> [UInt32] {
    let low = range.lowerBound
    var bitmap = [UInt64](repeating: 0, count: Int(range.upperBound - low) / 64 + 1)
    for list in lists {
      for index in 0..<list.count {
        let id = list.id(at: index, in: bytes)
        // A damaged list may be unsorted, and its ends then say nothing about its middle.
        guard range.contains(id) else { continue }
        bitmap[Int((id - low) / 64)] |= 1 &<< UInt64((id - low) % 64)
      }
    }
    var ids: [UInt32] = []
    ids.reserveCapacity(total)
    for (word, bits) in bitmap.enumerated() {
      var rest = bits
      while rest != 0 {
        ids.append(low + UInt32(word * 64 + rest.trailingZeroBitCount))
        rest &= rest &- 1
      }
    }
    return ids
  }

  // MARK: Parts

  private static func gallop(
    _ ids: inout [UInt32], _ list: PostingsList, _ bytes: RawSpan, keepFound: Bool
  ) {
    var low = 0
    keep(&ids) { id in
      low = search(id, from: low, count: list.count) { list.id(at: $0, in: bytes) }
      let found = low < list.count && list.id(at: low, in: bytes) == id
      return found == keepFound
    }
  }

  /// The first position from `start` on whose id is not below `id`: doubling steps, then halving.
  @inline(__always)
  private static func search(
    _ id: UInt32, from start: Int, count: Int, _ element: (Int) -> UInt32
  ) -> Int {
    var low = start
    var step = 1
    while low + step < count && element(low + step) < id {
      low += step
      step *= 2
    }
    var high = min(low + step, count)
    while low < high {
      let middle = (low + high) / 2
      if element(middle) < id { low = middle + 1 } else { high = middle }
    }
    return low
  }

  @inline(__always)
  private static func keep(_ ids: inout [UInt32], _ isKept: (UInt32) -> Bool) {
    var kept = 0
    for index in 0..<ids.count {
      let id = ids[index]
      if isKept(id) {
        ids[kept] = id
        kept &+= 1
      }
    }
    ids.removeLast(ids.count - kept)
  }

  private static func removeRepetitions(_ ids: inout [UInt32]) {
    var previous: UInt32?
    keep(&ids) { id in
      defer { previous = id }
      return id != previous
    }
  }
}
