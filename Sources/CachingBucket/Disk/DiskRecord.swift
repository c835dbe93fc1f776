internal import TSDBBlock

/// A value in a file of the disk cache, with what proves that it is the right one.
///
///     ┌ "BHr1" 4 │ checksum u32 │ end i64 │ key length u16 │ value length u32 ┬ key ┬ value ┐
///
/// Numbers are little endian. The checksum is CRC32C over everything behind it; `end`, in Unix
/// seconds, is when the value's time is over.
struct DiskRecord: Equatable {
  var key: [UInt8]
  var value: [UInt8]
  var end: Int64

  static let headByteCount = 22
  static let magic = Array("BHr1".utf8)
  static let keyLimit = 2048
  static let valueLimit = 16 << 20

  /// Lengths of a record, from its head.
  struct Head: Equatable {
    let checksum: UInt32
    let end: Int64
    let keyByteCount: Int
    let valueByteCount: Int

    var byteCount: Int { DiskRecord.headByteCount + keyByteCount + valueByteCount }

    /// Nil when the bytes are no head.
    init?(_ bytes: ArraySlice<UInt8>) {
      guard bytes.count >= DiskRecord.headByteCount, bytes.starts(with: DiskRecord.magic)
      else { return nil }
      let start = bytes.startIndex
      func number(_ offset: Int, _ count: Int) -> UInt64 {
        bytes[start + offset..<start + offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
      }
      checksum = UInt32(truncatingIfNeeded: number(4, 4))
      end = Int64(bitPattern: number(8, 8))
      keyByteCount = Int(number(16, 2))
      valueByteCount = Int(number(18, 4))
      guard keyByteCount <= DiskRecord.keyLimit, valueByteCount <= DiskRecord.valueLimit
      else { return nil }
    }
  }

  /// Whether a key and a value can be a record.
  static func fits(key: [UInt8], value: [UInt8]) -> Bool {
    !key.isEmpty && key.count <= keyLimit && value.count <= valueLimit
  }

  var bytes: [UInt8] {
    var body: [UInt8] = []
    body.reserveCapacity(Self.headByteCount + key.count + value.count)
    body.append(littleEndian: UInt64(bitPattern: end), count: 8)
    body.append(littleEndian: UInt64(key.count), count: 2)
    body.append(littleEndian: UInt64(value.count), count: 4)
    body += key
    body += value
    var bytes = Self.magic
    bytes.reserveCapacity(8 + body.count)
    bytes.append(littleEndian: UInt64(CRC32C(body.rawSpan).value), count: 4)
    return bytes + body
  }

  /// The record that stands at the beginning of some bytes; nil when it is damaged or cut.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard let head = Head(bytes), bytes.count >= head.byteCount else { return nil }
    let start = bytes.startIndex
    let body = start + 8..<start + head.byteCount
    var checksum = CRC32C()
    checksum.update(Array(bytes[body]))
    guard checksum.value == head.checksum else { return nil }
    let keyStart = start + Self.headByteCount
    key = Array(bytes[keyStart..<keyStart + head.keyByteCount])
    value = Array(bytes[keyStart + head.keyByteCount..<start + head.byteCount])
    end = head.end
  }

  init(key: [UInt8], value: [UInt8], end: Int64) {
    self.key = key
    self.value = value
    self.end = end
  }
}

extension [UInt8] {
  mutating func append(littleEndian value: UInt64, count: Int) {
    for place in 0..<count { append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(place)))) }
  }
}
