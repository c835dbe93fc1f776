internal import StoreAPI
internal import TSDBBlock

/// Distinct strings of bytes in ascending order, one after the other in memory.
struct SortedStrings: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  init() {}

  init(_ strings: some Sequence<[UInt8]>) {
    for string in strings.sorted(by: ByteOrder.precedes) { append(string.rawSpan) }
  }

  var count: Int { ends.count }

  /// Bytes of memory.
  var byteCount: Int { bytes.capacity + 8 * ends.capacity }

  /// Appends a string that does not sort before the last one; equal ones are left out.
  mutating func append(_ string: RawSpan) {
    if let last = ends.indices.last, ByteOrder.equal(bytes.rawSpan.extracting(range(last)), string)
    {
      return
    }
    bytes.append(string)
    ends.append(bytes.count)
  }

  /// The first strings as text; bytes that are not UTF-8 are replaced.
  func text(upTo limit: Int) -> LabelStrings { LabelStrings(bytes, ends: ends, upTo: limit) }

  private func range(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  /// All strings of all lists.
  static func union(of lists: [SortedStrings]) -> SortedStrings {
    var lists = lists.filter { $0.count > 0 }
    while lists.count > 1 {
      var merged: [SortedStrings] = []
      for index in stride(from: 0, to: lists.count - 1, by: 2) {
        merged.append(union(lists[index], lists[index + 1]))
      }
      if lists.count % 2 == 1, let last = lists.last { merged.append(last) }
      lists = merged
    }
    return lists.first ?? SortedStrings()
  }

  private static func union(_ left: SortedStrings, _ right: SortedStrings) -> SortedStrings {
    var result = SortedStrings()
    result.bytes.reserveCapacity(max(left.bytes.count, right.bytes.count))
    result.ends.reserveCapacity(max(left.count, right.count))
    var (i, j) = (0, 0)
    while i < left.count || j < right.count {
      let isLeft: Bool
      if i < left.count, j < right.count {
        isLeft =
          ByteOrder.compare(
            left.bytes.rawSpan.extracting(left.range(i)),
            right.bytes.rawSpan.extracting(right.range(j))) <= 0
      } else {
        isLeft = i < left.count
      }
      if isLeft {
        result.append(left.bytes.rawSpan.extracting(left.range(i)))
        i += 1
      } else {
        result.append(right.bytes.rawSpan.extracting(right.range(j)))
        j += 1
      }
    }
    return result
  }
}
