internal import CCRC32C

/// CRC-32C (Castagnoli), the checksum of every section, record and chunk of a block.
public struct CRC32C: Equatable, Sendable {
  /// The checksum of all bytes given.
  public private(set) var value: UInt32

  /// The checksum of no bytes.
  public init() { value = 0 }

  init(value: UInt32) { self.value = value }

  /// The checksum of `bytes`.
  public init(_ bytes: RawSpan) {
    value = 0
    update(bytes)
  }

  /// The checksum that a chunk's record ends with.
  init(encoding: UInt8, payload: RawSpan) {
    // SAFETY: the C function reads exactly the one byte.
    value = unsafe withUnsafePointer(to: encoding) { unsafe crc32c_extend(0, $0, 1) }
    update(payload)
  }

  /// Adds bytes behind those that were given before.
  public mutating func update(_ bytes: RawSpan) {
    // SAFETY: the C function reads exactly the bytes of the span.
    value = unsafe bytes.withUnsafeBytes { buffer in
      unsafe crc32c_extend(value, buffer.baseAddress, buffer.count)
    }
  }

  /// Adds bytes behind those that were given before.
  public mutating func update(_ bytes: [UInt8]) {
    update(bytes.rawSpan)
  }
}
