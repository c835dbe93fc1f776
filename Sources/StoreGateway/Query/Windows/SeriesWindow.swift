internal import StoreAPI
internal import TSDBBlock

/// Some hundred series of one block, decoded, in flat arrays:
///
///     ids      │ 0 │ 1 │ …
///     labels   │ wire form of series 0 │ series 1 │ …                ends in labelEnds
///     spans    │ chunks of series 0 │ series 1 │ …                   ends in spanEnds
///     chunks   │ loaded chunks of series 0 │ series 1 │ …            ends in chunkEnds
///     payloads │ of chunk 0 │ chunk 1 │ …                            ends in each chunk
///     owners   │ segment │ segment │ …                               what payloads point into
///
/// Spans say where chunks stand; loading them makes payloads of them, and fewer when some are
/// damaged or deleted.
struct SeriesWindow: Sendable {
  private(set) var ids: [UInt32] = []
  /// Final labels of every series in the form of ``WireLabels``, one after the other.
  private(set) var labels: [UInt8] = []
  private(set) var labelEnds: [Int] = []
  /// Whether each series begins with all labels, inside the block, of the one before it. True also
  /// when that is not known.
  private(set) var extendsPrevious: [Bool] = []

  var spans: [ChunkSpan] = []
  private(set) var spanEnds: [Int] = []

  private(set) var chunks: [SeriesBatch.Chunk] = []
  private(set) var chunkEnds: [Int] = []
  private(set) var payloads: [ChunkPayload] = []
  private(set) var owners: [ByteStorage] = []

  var count: Int { labelEnds.count }

  func labelRange(at index: Int) -> Range<Int> {
    (index == 0 ? 0 : labelEnds[index &- 1])..<labelEnds[index]
  }

  func spanRange(at index: Int) -> Range<Int> {
    (index == 0 ? 0 : spanEnds[index &- 1])..<spanEnds[index]
  }

  /// Empty when the chunks were not loaded.
  func chunkRange(at index: Int) -> Range<Int> {
    guard index < chunkEnds.count else { return 0..<0 }
    return (index == 0 ? 0 : chunkEnds[index &- 1])..<chunkEnds[index]
  }

  func payloadRange(at index: Int) -> Range<Int> {
    (index == 0 ? 0 : chunks[index &- 1].payloadEnd)..<chunks[index].payloadEnd
  }

  /// Whether chunks begin and end one after the other.
  func hasStrictlyOrderedChunks(_ range: Range<Int>) -> Bool {
    guard var previous = range.first else { return true }
    for index in range.dropFirst() {
      guard
        (chunks[previous].minTime, chunks[previous].maxTime)
          < (chunks[index].minTime, chunks[index].maxTime)
      else { return false }
      previous = index
    }
    return true
  }

  // MARK: Decoding

  /// Makes one series of these labels, in wire form, and of the spans appended since the last one.
  mutating func endSeries(_ id: UInt32, _ wireLabels: [UInt8], extendsPrevious extends: Bool) {
    ids.append(id)
    labels.append(contentsOf: wireLabels)
    labelEnds.append(labels.count)
    spanEnds.append(spans.count)
    extendsPrevious.append(extends)
  }

  /// Forgets the spans appended since the last series.
  mutating func dropUnfinished() {
    spans.removeLast(spans.count &- (spanEnds.last ?? 0))
  }

  // MARK: Loading

  /// Begins a chunk of the next series; the payloads added next are its.
  mutating func appendChunk(minTime: Int64, maxTime: Int64) {
    chunks.append(
      SeriesBatch.Chunk(minTime: minTime, maxTime: maxTime, payloadEnd: payloads.count))
  }

  /// Adds a payload to the last chunk.
  mutating func appendPayload(_ payload: ChunkPayload) {
    payloads.append(payload)
    chunks[chunks.count &- 1].payloadEnd = payloads.count
  }

  /// Takes everything back that was appended since chunk `count` was the next.
  mutating func truncateChunks(to count: Int) {
    payloads.removeSubrange((count == 0 ? 0 : chunks[count - 1].payloadEnd)...)
    chunks.removeSubrange(count...)
  }

  /// Ends the chunks of the next series.
  mutating func endChunks() { chunkEnds.append(chunks.count) }

  /// The number under which payloads name `storage`, the one asked for last mostly.
  mutating func owner(_ storage: ByteStorage) -> Int32 {
    if let last = owners.last, last === storage { return Int32(owners.count &- 1) }
    // A few steps back: chunks of a series rarely go back and forth between many segments, and a
    // second number for a storage does no harm.
    for index in owners.indices.suffix(8).reversed() where owners[index] === storage {
      return Int32(index)
    }
    owners.append(storage)
    return Int32(owners.count &- 1)
  }

  /// Ends the chunks of all series: those not loaded have none.
  mutating func endAllChunks() {
    while chunkEnds.count < count { endChunks() }
  }

  /// Bytes of memory in use, mapped files not counted.
  var byteCount: Int {
    labels.capacity &+ 21 &* labelEnds.capacity &+ 24 &* spans.capacity &+ 24 &* chunks.capacity
      &+ 48 &* payloads.capacity &+ 8 &* (spanEnds.capacity &+ chunkEnds.capacity &+ owners.count)
  }

  // MARK: Order

  /// Appends a copy of one series of another window.
  mutating func append(_ index: Int, of other: borrowing SeriesWindow) {
    ids.append(other.ids[index])
    labels.append(contentsOf: other.labels[other.labelRange(at: index)])
    labelEnds.append(labels.count)
    extendsPrevious.append(true)
    spanEnds.append(spans.count)
    guard index < other.chunkEnds.count else { return }
    for chunk in other.chunkRange(at: index) {
      let times = other.chunks[chunk]
      appendChunk(minTime: times.minTime, maxTime: times.maxTime)
      for position in other.payloadRange(at: chunk) {
        var payload = other.payloads[position]
        payload.owner = owner(other.owners[Int(payload.owner)])
        appendPayload(payload)
      }
    }
    endChunks()
  }

  /// Order of the labels of two series, which may lie in different windows.
  static func compare(
    _ left: borrowing SeriesWindow, _ leftIndex: Int, _ right: borrowing SeriesWindow,
    _ rightIndex: Int
  ) -> Int {
    WireLabels.compare(
      left.labels.rawSpan.extracting(left.labelRange(at: leftIndex)),
      right.labels.rawSpan.extracting(right.labelRange(at: rightIndex)))
  }
}
