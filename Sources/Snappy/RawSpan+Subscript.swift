extension RawSpan {
  /// The byte at an offset below ``byteCount``; traps beyond, as arrays do.
  @inlinable package subscript(offset: Int) -> UInt8 {
    // SAFETY: the load checks the bounds; every bit pattern is a byte.
    @inline(__always) get { unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
  }
}
