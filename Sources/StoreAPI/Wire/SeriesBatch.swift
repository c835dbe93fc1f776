public import TSDBBlock

/// What a payload of a chunk holds. The raw value is its field number in `AggrChunk`.
public enum ChunkField: UInt8, Sendable, CaseIterable {
  // On the wire, never renumber.
  case raw = 3
  case count = 4
  case sum = 5
  case min = 6
  case max = 7
  case counter = 8
}

/// Samples of one chunk or of one of its aggregates: a place in memory and what is known of it.
public struct ChunkPayload: Equatable, Sendable {
  public var field: ChunkField
  /// The value of `Chunk.Encoding`: 0 XOR, 1 histogram, 2 float histogram.
  public var type: UInt8
  /// Index into ``SeriesBatch/owners``.
  public var owner: Int32
  /// Byte offset in the owner.
  public var offset: Int
  public var byteCount: Int
  /// XXH64 of the bytes.
  public var hash: UInt64

  public init(
    field: ChunkField, type: UInt8, owner: Int32, offset: Int, byteCount: Int, hash: UInt64
  ) {
    self.field = field
    self.type = type
    self.owner = owner
    self.offset = offset
    self.byteCount = byteCount
    self.hash = hash
  }
}

/// Some series with their chunks, in flat arrays: nothing is allocated per series or chunk.
///
///     labels      │ wire form of series 0 │ series 1 │ …          ends in labelEnds
///     chunks      │ 0 │ 0 │ 0 │ 1 │ …                             ends in chunkEnds
///     payloads    │ of chunk 0 │ chunk 1 │ …                      ends in each chunk
///     owners      │ segment │ segment │                            what payloads point into
public struct SeriesBatch: Sendable {
  /// Times in milliseconds, both inclusive.
  public struct Chunk: Equatable, Sendable {
    public var minTime: Int64
    public var maxTime: Int64
    /// End of its payloads in ``SeriesBatch/payloads``; they begin where those before end.
    public var payloadEnd: Int

    public init(minTime: Int64, maxTime: Int64, payloadEnd: Int) {
      self.minTime = minTime
      self.maxTime = maxTime
      self.payloadEnd = payloadEnd
    }
  }

  public private(set) var labels: [UInt8] = []
  public private(set) var labelEnds: [Int] = []
  public private(set) var chunks: [Chunk] = []
  public private(set) var chunkEnds: [Int] = []
  public private(set) var payloads: [ChunkPayload] = []
  public private(set) var owners: [ByteStorage] = []

  public init() {}

  /// How many series the batch holds.
  public var count: Int { labelEnds.count }

  public var isEmpty: Bool { labelEnds.isEmpty }

  /// Bytes of labels and payloads: what a frame of this batch will take, nearly.
  public private(set) var byteCount = 0

  /// Begins a series; the chunks added next are its.
  ///
  /// - Parameter wireLabels: Its labels in the form of ``WireLabels``.
  public mutating func appendSeries(labels wireLabels: RawSpan) {
    labels.append(wireLabels)
    labelEnds.append(labels.count)
    chunkEnds.append(chunks.count)
    byteCount &+= wireLabels.byteCount
  }

  /// Whether the last series has these labels, in wire form.
  ///
  /// - Precondition: The batch is not empty.
  public func lastSeriesHas(labels wireLabels: RawSpan) -> Bool {
    let start = labelEnds.count > 1 ? labelEnds[labelEnds.count &- 2] : 0
    guard labels.count &- start == wireLabels.byteCount else { return false }
    return ByteOrder.equal(labels.rawSpan.extracting(start..<labels.count), wireLabels)
  }

  /// Adds a chunk to the last series.
  ///
  /// - Precondition: A series was begun.
  public mutating func appendChunk(minTime: Int64, maxTime: Int64) {
    chunks.append(Chunk(minTime: minTime, maxTime: maxTime, payloadEnd: payloads.count))
    chunkEnds[chunkEnds.count - 1] = chunks.count
  }

  /// Adds a payload to the last chunk.
  ///
  /// - Precondition: A chunk was added, and the payload lies inside its owner.
  public mutating func appendPayload(_ payload: ChunkPayload) {
    precondition(
      payload.offset >= 0 && payload.byteCount >= 0
        && payload.byteCount <= owners[Int(payload.owner)].count &- payload.offset,
      "a payload must lie inside its owner")
    payloads.append(payload)
    chunks[chunks.count - 1].payloadEnd = payloads.count
    byteCount &+= payload.byteCount
  }

  /// Takes back the last series with its chunks.
  ///
  /// - Precondition: The batch is not empty.
  public mutating func removeLastSeries() {
    let index = count - 1
    let chunkRange = chunkRange(at: index)
    let labelRange = labelRange(at: index)
    let firstPayload = chunkRange.lowerBound == 0 ? 0 : chunks[chunkRange.lowerBound - 1].payloadEnd
    byteCount -= payloads[firstPayload...].reduce(labelRange.count) { $0 + $1.byteCount }
    payloads.removeSubrange(firstPayload...)
    chunks.removeSubrange(chunkRange)
    labels.removeSubrange(labelRange)
    labelEnds.removeLast()
    chunkEnds.removeLast()
  }

  /// The number under which payloads name `storage`. The batch keeps it alive.
  ///
  /// - Complexity: O(number of owners); a batch rarely has more than a few.
  public mutating func owner(_ storage: ByteStorage) -> Int32 {
    if let index = owners.lastIndex(where: { $0 === storage }) { return Int32(index) }
    owners.append(storage)
    return Int32(owners.count - 1)
  }

  /// Where the labels of the series at `index` stand in ``labels``.
  public func labelRange(at index: Int) -> Range<Int> {
    (index == 0 ? 0 : labelEnds[index &- 1])..<labelEnds[index]
  }

  /// Where the chunks of the series at `index` stand in ``chunks``.
  public func chunkRange(at index: Int) -> Range<Int> {
    (index == 0 ? 0 : chunkEnds[index &- 1])..<chunkEnds[index]
  }

  /// Where the payloads of the chunk at `index` stand in ``payloads``.
  public func payloadRange(at index: Int) -> Range<Int> {
    (index == 0 ? 0 : chunks[index &- 1].payloadEnd)..<chunks[index].payloadEnd
  }
}
