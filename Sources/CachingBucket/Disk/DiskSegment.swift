internal import Synchronization
internal import TSDBBlock

/// One file of the disk cache: records one behind the other.
///
///     NNNNNNNNNNNNNNNN.cache   records
///     NNNNNNNNNNNNNNNN.index   ┌ "BHi1" 4 │ checksum u32 ┬ (key hash u64, offset u32, length u32)* ┐
///
/// The index is written when the file is full, and at a start, so that the next start need not read
/// all records. What is behind those it names, and without it or when it is damaged everything, is
/// read, up to the first record that is damaged.
final class DiskSegment: Sendable {
  /// Where a record stands.
  struct Entry: Equatable, Sendable {
    var hash: UInt64
    var offset: UInt32
    var byteCount: UInt32
  }

  let number: UInt64
  private let file: DiskFile
  private let path: String

  private static let indexMagic = Array("BHi1".utf8)
  private static let entryByteCount = 16
  /// Files are bounded, and offsets have 32 bits.
  static let sizeLimit = 1 << 30

  init(number: UInt64, directory: String) throws(DiskFile.Failure) {
    self.number = number
    path = "\(directory)/\(Self.name(number))"
    file = try DiskFile(path: path + ".cache")
  }

  static func name(_ number: UInt64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  /// The number of the file with a name; nil for files that are none of ours.
  static func number(ofName name: String) -> UInt64? {
    guard name.hasSuffix(".cache"), name.utf8.count == 22 else { return nil }
    return UInt64(name.dropLast(6), radix: 16)
  }

  var byteCount: Int { file.byteCount }

  /// The record at a place; nil when it is damaged.
  func record(at offset: Int, byteCount: Int) -> DiskRecord? {
    guard let bytes = try? file.read(at: offset, count: byteCount) else { return nil }
    return DiskRecord(bytes[...])
  }

  func write(_ bytes: [UInt8], at offset: Int) throws(DiskFile.Failure) {
    try file.write(bytes, at: offset)
  }

  /// The records of the file. Cuts off what is damaged at its end.
  func entries() -> [Entry] {
    // The file may have grown since its index was written.
    var entries = readIndex() ?? []
    var offset = entries.reduce(0) { max($0, Int($1.offset) + Int($1.byteCount)) }
    let end = min(file.byteCount, Self.sizeLimit)
    while offset < end {
      guard let headBytes = try? file.read(at: offset, count: DiskRecord.headByteCount),
        let head = DiskRecord.Head(headBytes[...]), head.byteCount <= end - offset,
        let record = record(at: offset, byteCount: head.byteCount)
      else { break }
      entries.append(
        Entry(
          hash: XXHash64.hash(record.key), offset: UInt32(offset),
          byteCount: UInt32(head.byteCount)))
      offset += head.byteCount
    }
    if offset < file.byteCount { try? file.cut(to: offset) }
    return entries
  }

  /// Writes down where the records stand.
  func writeIndex(_ entries: [Entry]) {
    var body: [UInt8] = []
    body.reserveCapacity(entries.count * Self.entryByteCount)
    for entry in entries {
      body.append(littleEndian: entry.hash, count: 8)
      body.append(littleEndian: UInt64(entry.offset), count: 4)
      body.append(littleEndian: UInt64(entry.byteCount), count: 4)
    }
    var bytes = Self.indexMagic
    bytes.append(littleEndian: UInt64(CRC32C(body.rawSpan).value), count: 4)
    bytes += body
    // Half an index is one with a wrong checksum.
    guard let index = try? DiskFile(path: path + ".index") else { return }
    try? index.write(bytes, at: 0)
    try? index.cut(to: bytes.count)
  }

  /// Removes the files. What still reads from them goes on.
  func remove() {
    DiskDirectory.remove(path + ".cache")
    DiskDirectory.remove(path + ".index")
  }

  private func readIndex() -> [Entry]? {
    // Opening would make it.
    guard DiskDirectory.exists(path + ".index"), let index = try? DiskFile(path: path + ".index"),
      index.byteCount <= Self.sizeLimit,
      let bytes = try? index.read(at: 0, count: index.byteCount), bytes.count >= 8,
      bytes.starts(with: Self.indexMagic), (bytes.count - 8) % Self.entryByteCount == 0
    else { return nil }
    let body = Array(bytes[8...])
    let stored = (4..<8).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[$1]) }
    guard CRC32C(body.rawSpan).value == stored else { return nil }
    let end = file.byteCount
    var entries: [Entry] = []
    entries.reserveCapacity(body.count / Self.entryByteCount)
    for start in stride(from: 0, to: body.count, by: Self.entryByteCount) {
      func number(_ range: Range<Int>) -> UInt64 {
        range.reversed().reduce(0) { $0 << 8 | UInt64(body[start + $1]) }
      }
      let entry = Entry(
        hash: number(0..<8), offset: UInt32(truncatingIfNeeded: number(8..<12)),
        byteCount: UInt32(truncatingIfNeeded: number(12..<16)))
      guard Int(entry.offset) + Int(entry.byteCount) <= end else { continue }
      entries.append(entry)
    }
    return entries
  }
}
