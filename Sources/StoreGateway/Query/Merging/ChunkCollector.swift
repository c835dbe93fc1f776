internal import StoreAPI
internal import TSDBBlock

/// Gathers the chunks of one merged series from all blocks that have it, drops copies and puts the
/// rest in order.
///
/// Two chunks are copies when times and all payloads are equal. The order is that of (start, end);
/// of equal ones the first differing payload decides, in the order raw, count, sum, min, max,
/// counter: present before absent, then the lower type, then the greater bytes.
struct ChunkCollector {
  private struct Entry {
    var minTime: Int64
    var maxTime: Int64
    /// Where its payloads stand.
    var start: Int32
    var end: Int32
  }

  private var entries: [Entry] = []
  private var payloads: [ChunkPayload] = []

  var isEmpty: Bool { entries.isEmpty }

  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    payloads.removeAll(keepingCapacity: true)
  }

  /// Begins a chunk; the payloads added next are its, in ascending order of their fields.
  mutating func beginChunk(minTime: Int64, maxTime: Int64) {
    let start = Int32(payloads.count)
    entries.append(Entry(minTime: minTime, maxTime: maxTime, start: start, end: start))
  }

  /// Adds a payload whose owner is one of the batch's.
  mutating func append(_ payload: ChunkPayload) {
    payloads.append(payload)
    entries[entries.count - 1].end = Int32(payloads.count)
  }

  /// Appends what was gathered to the last series of `batch`.
  mutating func finish(into batch: inout SeriesBatch) {
    if !isStrictlyOrdered { entries = entries.sorted { order($0, $1, in: batch) < 0 } }
    for (index, entry) in entries.enumerated() {
      if index > 0, isCopy(entries[index - 1], entry) { continue }
      batch.appendChunk(minTime: entry.minTime, maxTime: entry.maxTime)
      for position in Int(entry.start)..<Int(entry.end) {
        batch.appendPayload(payloads[position])
      }
    }
  }

  /// The usual case, one block or blocks after each other: nothing to sort, nothing equal.
  private var isStrictlyOrdered: Bool {
    zip(entries, entries.dropFirst()).allSatisfy {
      ($0.minTime, $0.maxTime) < ($1.minTime, $1.maxTime)
    }
  }

  private func isCopy(_ left: Entry, _ right: Entry) -> Bool {
    guard left.minTime == right.minTime, left.maxTime == right.maxTime,
      left.end - left.start == right.end - right.start
    else { return false }
    return (0..<Int(left.end - left.start)).allSatisfy { index in
      let one = payloads[Int(left.start) + index]
      let other = payloads[Int(right.start) + index]
      return one.field == other.field && one.type == other.type && one.hash == other.hash
        && one.byteCount == other.byteCount
    }
  }

  private func order(_ left: Entry, _ right: Entry, in batch: SeriesBatch) -> Int {
    if left.minTime != right.minTime { return left.minTime < right.minTime ? -1 : 1 }
    if left.maxTime != right.maxTime { return left.maxTime < right.maxTime ? -1 : 1 }
    var one = Int(left.start)
    var other = Int(right.start)
    while one < Int(left.end), other < Int(right.end) {
      let order = Self.order(payloads[one], payloads[other], in: batch)
      if order != 0 { return order }
      one += 1
      other += 1
    }
    // The one with payloads left has something where the other has nothing: it comes first.
    return (Int(right.end) - other) - (Int(left.end) - one)
  }

  private static func order(
    _ left: ChunkPayload, _ right: ChunkPayload, in batch: SeriesBatch
  ) -> Int {
    // The lower field is present here and absent there.
    if left.field != right.field { return left.field.rawValue < right.field.rawValue ? -1 : 1 }
    if left.type != right.type { return left.type < right.type ? -1 : 1 }
    let leftOwner = batch.owners[Int(left.owner)]
    let rightOwner = batch.owners[Int(right.owner)]
    return ByteOrder.compare(
      rightOwner.bytes.extracting(right.offset..<right.offset + right.byteCount),
      leftOwner.bytes.extracting(left.offset..<left.offset + left.byteCount))
  }
}
