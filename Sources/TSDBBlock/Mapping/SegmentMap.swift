/// What every byte of a segment means.
///
///     header · record · record · …
///
/// A record whose checksum is wrong may have a wrong length too; then the next record is the one
/// that a series refers to.
package struct SegmentMap {
  /// A chunk that a series refers to.
  package struct Reference: Sendable {
    package var offset: Int
    package var series: UInt32
    package var minTime: Int64
    package var maxTime: Int64

    package init(offset: Int, series: UInt32, minTime: Int64, maxTime: Int64) {
      self.offset = offset
      self.series = series
      self.minTime = minTime
      self.maxTime = maxTime
    }
  }

  private let file: ByteSlice
  private let references: [Reference]

  /// - Parameter references: the chunks of this segment that series refer to, in any order.
  package init(_ file: ByteSlice, references: [Reference] = []) {
    self.file = file
    self.references = references.sorted { $0.offset < $1.offset }
  }

  /// Shows the regions to `visit`, in order.
  ///
  /// - Parameter labels: the labels of a series as text.
  package func forEachRegion(
    labels: (UInt32) -> String, _ visit: RegionVisitor
  ) throws {
    let file = file
    let bytes = file.bytes
    let end = bytes.byteCount
    var damage: String?
    do throws(BlockError) {
      try SegmentReader.checkHeader(bytes)
    } catch {
      damage = error.detail
    }
    var position = min(SegmentFormat.headerByteCount, end)
    guard
      try visit(
        ByteRegion(0..<position, .header, "magic, version and padding", damage: damage))
    else { return }
    var next = 0
    var budget = 16 * end
    while position < end {
      while next < references.count, references[next].offset < position { next += 1 }
      let isReferenced = next < references.count && references[next].offset == position
      let reference = isReferenced ? references[next] : nil
      while next < references.count, references[next].offset <= position { next += 1 }
      let limit = next < references.count ? min(references[next].offset, end) : end
      let region = record(bytes, at: position, before: limit, reference, &budget, labels)
      guard try visit(region) else { return }
      position = region.range.upperBound
    }
  }

  /// - Parameters:
  ///   - limit: where the next chunk begins that a series refers to.
  ///   - budget: bytes of records that reach beyond that may still be read: references can be as
  ///     wrong as records, but no file may take the time of its size squared.
  private func record(
    _ bytes: RawSpan, at position: Int, before limit: Int, _ reference: Reference?,
    _ budget: inout Int, _ labels: (UInt32) -> String
  ) -> ByteRegion {
    var owner = ""
    if let reference {
      owner = ", \(reference.minTime) to \(reference.maxTime) of \(labels(reference.series))"
    } else if !references.isEmpty {
      owner = ", that no series refers to"
    }
    do throws(BlockError) {
      let claimed = claimedEnd(bytes, at: position)
      if let claimed, claimed > limit {
        guard claimed - position <= budget else {
          throw BlockError(.malformed, detail: "reaches beyond the next chunk")
        }
        budget -= claimed - position
      }
      let record = try ChunkRecord(in: bytes, at: position)
      let encoding = ChunkEncoding(rawValue: record.encoding)
      let count = (try? encoding.sampleCount(of: bytes.extracting(record.payload))) ?? 0
      return ByteRegion(
        position..<record.payload.upperBound + 4, .chunk,
        "chunk \(encoding), \(count) \(count == 1 ? "sample" : "samples")" + owner,
        damage: encoding.isKnown ? nil : "has an encoding that is not known")
    } catch {
      if reference == nil, IndexMap.isZero(bytes, position..<limit) {
        return ByteRegion(position..<limit, .padding, "zeros of a preallocation")
      }
      return ByteRegion(
        position..<recordEnd(bytes, at: position, before: limit),
        reference == nil ? .unknown : .chunk,
        reference == nil ? "no chunk" : "chunk" + owner, damage: error.detail ?? error.code.rawValue
      )
    }
  }

  /// Where a damaged record ends: as it says when that is before the next one.
  private func recordEnd(_ bytes: RawSpan, at position: Int, before limit: Int) -> Int {
    guard bytes.byte(at: position) != 0, let end = claimedEnd(bytes, at: position) else {
      return limit
    }
    return min(end, limit)
  }

  /// Where a record ends by its length; nil when that is behind the end of the file.
  private func claimedEnd(_ bytes: RawSpan, at position: Int) -> Int? {
    var cursor = ByteDecoder(bytes, at: position)
    guard let length = try? cursor.count(), cursor.remaining - length >= 5 else { return nil }
    return cursor.position + length + 5
  }
}

/// What every byte of a tombstones file means.
package enum TombstonesMap {
  /// Shows the regions to `visit`, in order.
  package static func forEachRegion(_ bytes: RawSpan, _ visit: RegionVisitor) throws {
    let end = bytes.byteCount
    let head = min(5, end)
    var damage: String?
    if end < 9 {
      damage = "the file has only \(end) bytes"
    } else if bytes.bigEndianUInt32(at: 0) != Tombstones.magic {
      damage = "begins with \(hex(bytes.bigEndianUInt32(at: 0)))"
    } else if bytes.byte(at: 4) != Tombstones.version {
      damage = "version \(bytes.byte(at: 4)) is not known"
    }
    guard try visit(ByteRegion(0..<head, .header, "magic and version", damage: damage)) else {
      return
    }
    guard end >= 9 else {
      if head < end { _ = try visit(ByteRegion(head..<end, .unknown, "rest")) }
      return
    }
    var position = 5
    while position < end - 4 {
      guard let entry = TombstoneEntry(bytes, at: position, before: end - 4) else {
        let rest = ByteRegion(
          position..<end - 4, .unknown, "rest of the entries", damage: "no entry can be read here")
        guard try visit(rest) else { return }
        break
      }
      let region = ByteRegion(
        position..<entry.maxTime.range.upperBound, .tombstone,
        "series \(entry.series.value) is deleted from \(entry.minTime.value) to "
          + "\(entry.maxTime.value)")
      guard try visit(region) else { return }
      position = region.range.upperBound
    }
    _ = try visit(IndexMap.checksum(bytes, content: 5..<end - 4, of: "entries"))
  }
}

/// An entry of a tombstones file.
struct TombstoneEntry {
  struct Number<Value> {
    var range: Range<Int>
    var value: Value
  }

  var series: Number<UInt64>
  var minTime: Number<Int64>
  var maxTime: Number<Int64>

  init?(_ bytes: RawSpan, at position: Int, before end: Int) {
    var cursor = ByteDecoder(bytes.extracting(0..<end), at: position)
    do throws(DecodeError) {
      let id = try cursor.uvarint()
      series = Number(range: position..<cursor.position, value: id)
      let first = try cursor.varint()
      minTime = Number(range: series.range.upperBound..<cursor.position, value: first)
      let last = try cursor.varint()
      maxTime = Number(range: minTime.range.upperBound..<cursor.position, value: last)
    } catch {
      return nil
    }
  }
}
