import TestSupport

@testable import TSDBBlock

/// What is read of a series, chunk by chunk.
struct RealSeries {
  private(set) var samples = 0
  private(set) var minTime: Int64?
  private(set) var maxTime: Int64?
  private(set) var lines = SampleLines()
  private var columns = SampleColumns()

  /// Over all series of a block.
  struct Totals {
    /// By the encoding's byte.
    var chunks: [String: Int] = [:]
    var samples: [String: Int] = [:]
    var minTime: Int64?
    var maxTime: Int64?
    /// Chunks whose first and last sample are not where the index says.
    var chunksElsewhere = 0
  }

  mutating func add(_ chunk: ChunkSpan, of block: BlockReader, _ totals: inout Totals) throws {
    let segment = try block.chunks.segment(of: chunk.location)
    let record = try segment.record(at: chunk.location.offset)
    let times: [Int64]
    if record.encoding == ChunkEncoding.aggregate.rawValue {
      times = try addAggregates(segment.file.slice(record.payload) ?? ByteSlice(ByteStorage([])))
    } else {
      columns.removeAll()
      try segment.appendSamples(of: record, to: &columns)
      lines.add(columns)
      times = columns.timestamps
    }
    samples += times.count
    totals.chunks["\(record.encoding)", default: 0] += 1
    totals.samples["\(record.encoding)", default: 0] += times.count
    if times.first != chunk.minTime || times.last != chunk.maxTime { totals.chunksElsewhere += 1 }
    minTime = minTime ?? times.first
    maxTime = times.last ?? maxTime
    totals.minTime = min(totals.minTime ?? chunk.minTime, chunk.minTime)
    totals.maxTime = max(totals.maxTime ?? chunk.maxTime, chunk.maxTime)
  }

  /// The times are those of the first aggregate, the count.
  private mutating func addAggregates(_ payload: ByteSlice) throws -> [Int64] {
    let bytes = payload.bytes
    let chunk = try AggregateChunk(bytes)
    var times: [Int64] = []
    for kind in AggregateChunk.Kind.allCases {
      guard let part = chunk[kind] else { continue }
      columns.removeAll()
      try XORDecoder.decode(bytes, part.range, into: &columns)
      lines.add(columns, prefix: "A \(kind) ")
      if times.isEmpty { times = columns.timestamps }
    }
    return times
  }
}
