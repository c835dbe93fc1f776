/// Both operands from front to back.
extension PostingsAlgebra {
  /// Ids of one map: a byte each, so that the map stays in the first-level cache.
  private static let windowCount: UInt32 = 1 << 14

  /// Keeps or drops the ids that are among the `count` elements of the other list.
  ///
  ///     window of ids   64 68 72 76 80 …
  ///     other: mark     │  1     1          marks do not wait for each other,
  ///     ids: look up    ×  ✓  ×  ✓  ×       and neither do look-ups: no branch to guess
  ///     other: clear    │  0     0
  @inline(__always)
  static func filterByMap(
    _ ids: inout [UInt32], count: Int, keepsFound: Bool, _ element: (Int) -> UInt32
  ) {
    var map = [UInt8](repeating: 0, count: Int(windowCount))
    let missing: UInt8 = keepsFound ? 0 : 1
    let idCount = ids.count
    var kept = 0
    var left = 0
    var right = 0
    var span = ids.mutableSpan
    var marks = map.mutableSpan
    while left < idCount {
      // The first id is in its window whatever the order of the lists: every round goes on.
      let base = span[left] & ~(windowCount &- 1)
      if right < count, element(right) < base {
        right = search(base, from: right, count: count, element)
      }
      let firstMark = right
      while right < count {
        let place = element(right) &- base
        guard place < windowCount else { break }
        // SAFETY: the map has `windowCount` bytes; likewise below.
        unsafe marks[unchecked: Int(place)] = 1
        right &+= 1
      }
      while left < idCount {
        // SAFETY: kept <= left < idCount.
        let id = unsafe span[unchecked: left]
        let place = id &- base
        guard place < windowCount else { break }
        unsafe span[unchecked: kept] = id
        kept &+= unsafe Int(marks[unchecked: Int(place)] ^ missing)
        left &+= 1
      }
      for index in firstMark..<right {
        unsafe marks[unchecked: Int((element(index) &- base) & (windowCount &- 1))] = 0
      }
    }
    ids.removeLast(idCount - kept)
  }

  /// As ``filterByMap``, comparing the heads of both lists.
  @inline(__always)
  static func merge(
    _ ids: inout [UInt32], count: Int, keepsFound: Bool, _ element: (Int) -> UInt32
  ) {
    let idCount = ids.count
    var kept = 0
    var left = 0
    var right = 0
    var span = ids.mutableSpan
    while left < idCount && right < count {
      let a = span[left]
      let b = element(right)
      // Written without a branch: which side is smaller cannot be predicted.
      span[kept] = a
      kept &+= (keepsFound ? a == b : a < b) ? 1 : 0
      left &+= a <= b ? 1 : 0
      right &+= b <= a ? 1 : 0
    }
    while !keepsFound, left < idCount {
      span[kept] = span[left]
      kept &+= 1
      left &+= 1
    }
    ids.removeLast(idCount - kept)
  }
}
