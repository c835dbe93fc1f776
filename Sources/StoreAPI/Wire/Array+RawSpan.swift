extension Array where Element == UInt8 {
  /// Appends all of `bytes`.
  mutating func append(_ bytes: RawSpan) {
    // SAFETY: the closure only reads the bytes of the span.
    unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }
}
