/// The encoding counterpart of ``ByteDecoder``: appends to a byte array.
extension Array where Element == UInt8 {
  mutating func append(bigEndian value: UInt32) {
    for shift in stride(from: 24, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: value &>> UInt32(shift)))
    }
  }

  mutating func append(bigEndian value: UInt64) {
    append(bigEndian: UInt32(truncatingIfNeeded: value &>> 32))
    append(bigEndian: UInt32(truncatingIfNeeded: value))
  }

  @inlinable
  package mutating func append(uvarint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func append(varint value: Int64) {
    append(uvarint: UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)))
  }

  public mutating func append(_ bytes: RawSpan) {
    // SAFETY: reads the bytes of the span only.
    unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }

  mutating func append(lengthPrefixed bytes: RawSpan) {
    append(uvarint: UInt64(bytes.byteCount))
    append(bytes)
  }
}
