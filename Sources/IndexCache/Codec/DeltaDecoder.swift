internal import Snappy

/// Turns varints of deltas back into ids. A varint may begin in one piece and end in the next.
struct DeltaDecoder {
  private var last: UInt32 = 0
  // The varint under way: its lower bits, and how many.
  private var partial: UInt64 = 0
  private var shift: UInt64 = 0

  /// Whether the bytes so far end between two varints.
  var isComplete: Bool { shift == 0 }

  /// Appends the ids that end in `bytes`.
  mutating func append(
    _ bytes: RawSpan, to ids: inout [UInt32], limit: Int
  ) throws(PostingsCodecError.Reason) {
    let ends = Self.endCount(bytes)
    guard ends <= limit - ids.count else { throw .tooLong }
    var next = ids.count
    Self.grow(&ids, by: ends)
    var output = ids.mutableSpan
    var (last, partial, shift) = (last, partial, shift)
    for offset in bytes.byteOffsets {
      let byte = bytes[offset]
      if byte >= 0x80 || shift > 0 {
        // Five bytes hold every delta that an id can have.
        guard shift < 35 else { throw .order }
        partial |= UInt64(byte & 0x7F) &<< shift
        shift &+= 7
        if byte >= 0x80 { continue }
      } else {
        partial = UInt64(byte)
      }
      let id = UInt64(last) &+ partial
      guard id <= UInt64(UInt32.max) else { throw .order }
      last = UInt32(truncatingIfNeeded: id)
      output[next] = last
      next &+= 1
      (partial, shift) = (0, 0)
    }
    (self.last, self.partial, self.shift) = (last, partial, shift)
  }

  /// Number of varints that end in `bytes`.
  private static func endCount(_ bytes: RawSpan) -> Int {
    var count = 0
    for offset in bytes.byteOffsets { count &+= Int(~bytes[offset] &>> 7) }
    return count
  }

  /// Makes room at least by doubling: many pieces would copy the list again and again.
  private static func grow(_ ids: inout [UInt32], by count: Int) {
    let needed = ids.count + count
    if needed > ids.capacity { ids.reserveCapacity(max(needed, 2 * ids.count)) }
    ids.append(contentsOf: repeatElement(0, count: count))
  }
}
