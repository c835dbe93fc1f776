/// Which pieces of an object hold a range.
///
///     object   ├────piece────┼────piece────┼────piece────┼─last─┤
///     range               ├───────────────┤
///     pieces   ├─────────────┼─────────────┤
struct SubrangePlan {
  /// In the object, clipped to it.
  let range: Range<Int>
  let objectSize: Int
  let pieceSize: Int
  /// Numbers of pieces, from the object's beginning.
  let pieces: Range<Int>

  /// - Precondition: `pieceSize` is positive.
  init(_ range: Range<Int>, objectSize: Int, pieceSize: Int) {
    precondition(pieceSize > 0)
    let range = range.clamped(to: 0..<max(objectSize, 0))
    self.range = range
    self.objectSize = objectSize
    self.pieceSize = pieceSize
    pieces =
      range.isEmpty
      ? 0..<0 : range.lowerBound / pieceSize..<(range.upperBound - 1) / pieceSize + 1
  }

  /// Where a piece stands in the object. The last one may be short.
  func bytes(of piece: Int) -> Range<Int> {
    piece * pieceSize..<min((piece + 1) * pieceSize, objectSize)
  }

  /// Where some pieces stand in the object.
  func bytes(of pieces: Range<Int>) -> Range<Int> {
    pieces.lowerBound * pieceSize..<min(pieces.upperBound * pieceSize, objectSize)
  }

  /// Requests for the pieces that are missing, with more pieces between when that saves requests.
  ///
  /// - Parameters:
  ///   - missing: increasing.
  ///   - limit: of the number of requests; 0 for any number.
  static func requests(for missing: [Int], limit: Int) -> [Range<Int>] {
    var requests = joined(missing.map { $0..<$0 + 1 }, gap: 0)
    var gap = 1
    while limit > 0, requests.count > limit {
      requests = joined(requests, gap: gap)
      gap = gap.multipliedReportingOverflow(by: 2).overflow ? .max : gap * 2
    }
    return requests
  }

  private static func joined(_ ranges: [Range<Int>], gap: Int) -> [Range<Int>] {
    var joined: [Range<Int>] = []
    for range in ranges {
      if let last = joined.last, range.lowerBound - last.upperBound <= gap {
        joined[joined.count - 1] = last.lowerBound..<range.upperBound
      } else {
        joined.append(range)
      }
    }
    return joined
  }
}
