/// The order in which people count: `cache-9` stands before `cache-10`.
///
/// Processes that share caches must agree on the order of servers, because keys are spread over
/// servers by their places in it.
enum NaturalOrder {
  static func precedes(_ left: String, _ right: String) -> Bool {
    var left = Array(left.utf8)[...]
    var right = Array(right.utf8)[...]
    while let a = popChunk(&left) {
      guard let b = popChunk(&right) else { return false }
      if let a = number(a), let b = number(b) {
        if a != b { return a < b }
      } else if !a.elementsEqual(b) {
        return a.lexicographicallyPrecedes(b)
      }
    }
    return !right.isEmpty
  }

  /// Takes the digits, or the bytes that are none, at the beginning.
  private static func popChunk(_ text: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let first = text.first else { return nil }
    let isNumber = isDigit(first)
    let chunk = text.prefix { isDigit($0) == isNumber }
    text = text[chunk.endIndex...]
    return chunk
  }

  private static func number(_ chunk: ArraySlice<UInt8>) -> Int? { decimal(chunk) }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
