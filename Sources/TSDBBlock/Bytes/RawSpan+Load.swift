/// Loads at a place the caller has proven to lie within the span.
///
/// `unsafeLoadUnaligned` checks the bounds itself and traps beyond them, so a wrong proof is a
/// crash and never a read of foreign memory. Untrusted offsets go through ``ByteDecoder``.
extension RawSpan {
  @inline(__always)
  func byte(at offset: Int) -> UInt8 {
    // SAFETY: bounds checked by the load; every bit pattern is a UInt8. Likewise below.
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  @inline(__always)
  func bigEndianUInt32(at offset: Int) -> UInt32 {
    unsafe UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  @inline(__always)
  func bigEndianUInt64(at offset: Int) -> UInt64 {
    unsafe UInt64(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always)
  func littleEndianUInt32(at offset: Int) -> UInt32 {
    unsafe UInt32(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  @inline(__always)
  func littleEndianUInt64(at offset: Int) -> UInt64 {
    unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}

extension Array where Element == UInt8 {
  /// The bytes as a raw span.
  public var rawSpan: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // SAFETY: the span covers exactly the initialised elements and is bound to self.
      unsafe _overrideLifetime(span.bytes, borrowing: self)
    }
  }

  /// A copy of `bytes`.
  public init(_ bytes: RawSpan) {
    // SAFETY: the closure reads the bytes of the span only.
    self = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
  }
}

extension Array where Element == UInt32 {
  /// The words as they lie in memory.
  var rawSpan: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // SAFETY: the span covers exactly the initialised elements and is bound to self.
      unsafe _overrideLifetime(span.bytes, borrowing: self)
    }
  }
}
