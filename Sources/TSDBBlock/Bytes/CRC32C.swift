internal import CCRC32C

/// CRC-32C (Castagnoli), the checksum of every section, record and chunk of a block.
public struct CRC32C: Equatable, Sendable {
  public private(set) var value: UInt32

  public init() { value = 0 }

  init(value: UInt32) { self.value = value }

  /// The checksum of `bytes`.
  public init(_ bytes: RawSpan) {
    value = 0
    update(bytes)
  }

  public mutating func update(_ bytes: RawSpan) {
    // SAFETY: the C function reads exactly the bytes of the span.
    value = unsafe bytes.withUnsafeBytes { buffer in
      unsafe crc32c_extend(value, buffer.baseAddress, buffer.count)
    }
  }

  public mutating func update(_ bytes: [UInt8]) {
    update(bytes.rawSpan)
  }
}
