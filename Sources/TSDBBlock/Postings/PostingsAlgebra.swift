/// Set operations on sorted, distinct series ids.
///
///     one side 16 times longer      its ids are searched: doubling steps, then halving
///     ids close together            a window of ids as a byte map: mark, look up, clear
///     ids far apart                 a merge without branches
///
/// Lists that are not sorted, as damage can make them, give some answer and no trap.
public enum PostingsAlgebra {
  /// Lists this many times longer than the other are searched and not walked.
  static let gallopRatio = 16
  /// Shorter operands are merged: a map would cost more than it saves.
  private static let mapMinimum = 512
  /// Up to this distance of ids on average a map is faster than a merge.
  private static let mapDistance = 1 << 12

  // MARK: Intersection

  /// Keeps the ids that are in `other` too.
  ///
  /// - Complexity: O(ids of both), O(shorter × log longer) when one is much longer.
  public static func intersect(_ ids: inout [UInt32], with other: [UInt32]) {
    intersect(&ids, count: other.count) { other[$0] }
  }

  /// Keeps the ids that are in `other` too.
  public static func intersect(_ ids: inout [UInt32], with other: FetchedPostings) {
    let slice = other.slice
    intersect(&ids, with: other.list, in: slice.bytes)
  }

  static func intersect(_ ids: inout [UInt32], with list: PostingsList, in bytes: RawSpan) {
    let words = list.words(in: bytes)
    // SAFETY: the positions asked for are below the count, and the words are that many.
    intersect(&ids, count: list.count) { unsafe words.uncheckedID(at: $0) }
  }

  @inline(__always)
  private static func intersect(
    _ ids: inout [UInt32], count: Int, _ element: (Int) -> UInt32
  ) {
    if count / gallopRatio > ids.count {
      searchEach(&ids, count: count, keepsFound: true, element)
    } else if ids.count / gallopRatio > count {
      pick(&ids, count: count, element)
    } else if isClose(ids, count: count) {
      filterByMap(&ids, count: count, keepsFound: true, element)
    } else {
      merge(&ids, count: count, keepsFound: true, element)
    }
  }

  // MARK: Subtraction

  /// Removes the ids of `other`.
  ///
  /// - Complexity: as ``intersect(_:with:)-(_,[UInt32])``.
  public static func subtract(_ other: [UInt32], from ids: inout [UInt32]) {
    subtract(from: &ids, count: other.count) { other[$0] }
  }

  /// Removes the ids of `other`.
  public static func subtract(_ other: FetchedPostings, from ids: inout [UInt32]) {
    let slice = other.slice
    subtract(other.list, from: &ids, in: slice.bytes)
  }

  static func subtract(_ list: PostingsList, from ids: inout [UInt32], in bytes: RawSpan) {
    let words = list.words(in: bytes)
    // SAFETY: the positions asked for are below the count, and the words are that many.
    subtract(from: &ids, count: list.count) { unsafe words.uncheckedID(at: $0) }
  }

  @inline(__always)
  private static func subtract(
    from ids: inout [UInt32], count: Int, _ element: (Int) -> UInt32
  ) {
    if count / gallopRatio > ids.count {
      searchEach(&ids, count: count, keepsFound: false, element)
    } else if ids.count / gallopRatio > count {
      cut(&ids, count: count, element)
    } else if isClose(ids, count: count) {
      filterByMap(&ids, count: count, keepsFound: false, element)
    } else {
      merge(&ids, count: count, keepsFound: false, element)
    }
  }

  private static func isClose(_ ids: [UInt32], count: Int) -> Bool {
    guard let first = ids.first, let last = ids.last, ids.count + count > mapMinimum else {
      return false
    }
    return Int(last &- first) / mapDistance <= ids.count + count
  }

  // MARK: Meeting

  /// Whether some id of the list is among `ids`.
  static func meets(_ ids: [UInt32], _ list: PostingsList, in bytes: RawSpan) -> Bool {
    var low = 0
    for index in 0..<list.count {
      let id = list.id(at: index, in: bytes)
      low = search(id, from: low, count: ids.count) { ids[$0] }
      if low == ids.count { return false }
      if ids[low] == id { return true }
    }
    return false
  }
}
