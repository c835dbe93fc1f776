internal import Glibc

/// `memcmp` of the first `count` bytes of both.
func memoryOrder(_ left: RawSpan, _ right: RawSpan, _ count: Int) -> Int {
  precondition(count <= left.byteCount && count <= right.byteCount)
  // SAFETY: both spans hold `count` bytes.
  return unsafe left.withUnsafeBytes { left in
    unsafe right.withUnsafeBytes { right in
      guard let left = left.baseAddress, let right = right.baseAddress else { return 0 }
      return unsafe Int(memcmp(left, right, count))
    }
  }
}

extension Array where Element == UInt8 {
  /// Appends all of `bytes`.
  mutating func append(_ bytes: RawSpan) {
    // SAFETY: the closure only reads the bytes of the span.
    unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }
}
