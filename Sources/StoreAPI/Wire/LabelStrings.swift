/// Names or values of labels in UTF-8, one after the other in memory.
///
///     bytes   │ a │ bc │ … │        ends   │ 1 │ 3 │ … │
public struct LabelStrings: Sendable {
  public private(set) var bytes: [UInt8] = []
  public private(set) var ends: [Int] = []

  /// No strings.
  public init() {}

  /// The first strings of a list; bytes that are not UTF-8 are replaced.
  ///
  /// - Parameters:
  ///   - bytes: The strings one after the other.
  ///   - ends: Where each ends.
  ///   - limit: How many are taken; negative for none.
  /// - Precondition: `ends` ascend and lie within `bytes`.
  /// - Complexity: O(bytes); nothing is copied when all are taken and are UTF-8.
  public init(_ bytes: [UInt8], ends: [Int], upTo limit: Int = .max) {
    let count = max(min(limit, ends.count), 0)
    guard let end = count > 0 ? ends[count - 1] : nil else { return }
    self.bytes = end == bytes.count ? bytes : Array(bytes[..<end])
    self.ends = count == ends.count ? ends : Array(ends[..<count])
    if !Self.isASCII(self.bytes) { repair() }
  }

  /// How many there are.
  public var count: Int { ends.count }

  /// Where the string at `index` stands in ``bytes``.
  public func range(at index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index &- 1])..<ends[index]
  }

  /// Each by itself, because two broken strings may make a whole one.
  private mutating func repair() {
    let isWhole = (0..<count).allSatisfy { index in
      (try? UTF8Span(validating: bytes.span.extracting(range(at: index)))) != nil
    }
    if isWhole { return }
    var repaired: [UInt8] = []
    var newEnds: [Int] = []
    newEnds.reserveCapacity(count)
    for index in 0..<count {
      repaired += String(decoding: bytes[range(at: index)], as: UTF8.self).utf8
      newEnds.append(repaired.count)
    }
    (bytes, ends) = (repaired, newEnds)
  }

  private static func isASCII(_ bytes: [UInt8]) -> Bool {
    var all: UInt8 = 0
    for byte in bytes { all |= byte }
    return all < 0x80
  }
}
