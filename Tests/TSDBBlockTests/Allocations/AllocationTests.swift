import Glibc
import TestSupport
import Testing

@testable import TSDBBlock

/// What is done per chunk, per series or per list takes no memory once the arrays it fills have
/// grown.
@Suite(.enabled(if: AllocationCount.isActive)) struct AllocationTests {
  @Test func `the counter sees what this thread takes and nothing of another one`() {
    var numbers: [Int] = []
    let grown = AllocationCount.during { numbers = Array(repeating: 7, count: 1000) }
    #expect(grown.largeCalls == 1)
    #expect(grown.bytes >= 8000)
    #expect(!grown.isNone)
    let reused = AllocationCount.during { for index in numbers.indices { numbers[index] &+= 1 } }
    #expect(reused.isNone)
    #expect(AllocationCount.during {} == AllocationCount())
    let elsewhere = AllocationCount.during {
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { _ in
          _ = [UInt8](repeating: 1, count: 1 << 20)
          return nil
        }, nil)
      pthread_join(thread, nil)
    }
    #expect(elsewhere.bytes < 1 << 20)
  }

  // MARK: Chunks

  @Test(arguments: ChunkEncoding.known.filter { $0 != .aggregate })
  func `decoding a chunk into columns that held one takes no memory`(
    encoding: ChunkEncoding
  ) throws {
    let chunk = SmallChunks.payload(encoding, count: 120)
    var columns = ChunkColumns()
    let count = try AllocationCount.again { () throws(DecodeError) in
      try columns.decode(chunk.rawSpan, 0..<chunk.count, encoding: encoding)
    }
    #expect(columns.count == 120)
    #expect(count.isNone, "\(count)")
  }

  @Test(arguments: [.xor, .histogram, .floatHistogram, .histogramST] as [ChunkEncoding])
  func `encoding a chunk with an encoder that made one takes no memory`(
    encoding: ChunkEncoding
  ) throws {
    let payload = SmallChunks.payload(encoding, count: 120)
    var samples = ChunkColumns()
    try samples.decode(payload.rawSpan, 0..<payload.count, encoding: encoding)
    var encoder = ChunkEncoder()
    var chunk: [UInt8] = []
    let count = AllocationCount.again {
      chunk.removeAll(keepingCapacity: true)
      encoder.encode(samples, 0..<samples.count, encoding: encoding, appendingTo: &chunk)
    }
    #expect(chunk == payload)
    #expect(count.isNone, "\(count)")
  }

  @Test func `splitting an aggregate chunk takes no memory`() throws {
    let chunk = SmallChunks.payload(.aggregate, count: 20)
    var parts = 0
    let count = try AllocationCount.again { () throws(DecodeError) in
      let aggregates = try AggregateChunk(chunk.rawSpan)
      parts = aggregates[.counter]?.range.count ?? 0
    }
    #expect(parts > 0)
    #expect(count.isNone, "\(count)")
  }

  @Test func `finding and verifying a chunk takes no memory`() throws {
    try withBlock { block in
      let segment = try block.chunks.segment(of: ChunkLocation(segment: 0, offset: 8))
      var length = 0
      let count = try AllocationCount.again { () throws(BlockError) in
        length = try segment.record(at: 8).payload.count
      }
      #expect(length > 0)
      #expect(count.isNone, "\(count)")
    }
  }

  // MARK: Series and lists

  @Test func `reading a series takes no memory`() throws {
    try withBlock { block in
      let ids = try block.index.allPostings()
      var labels: [LabelReference] = []
      var chunks: [ChunkSpan] = []
      let count = try AllocationCount.again { () throws(BlockError) in
        labels.removeAll(keepingCapacity: true)
        chunks.removeAll(keepingCapacity: true)
        for id in ids { try block.index.appendSeries(id, labels: &labels, chunks: &chunks) }
      }
      #expect(labels.count == 2 * 50 && chunks.count == 3 * 50)
      #expect(count.isNone, "\(count)")
    }
  }

  @Test func `intersecting lists takes no memory`() {
    // Few of many, many with few, and two lists that are walked together.
    for (left, right) in [(20, 2000), (2000, 20), (200, 200)] {
      let first = (0..<left).map { UInt32($0 * 30) }
      let second = (0..<right).map { UInt32($0 * 20) }
      var ids: [UInt32] = []
      let count = AllocationCount.again {
        ids.removeAll(keepingCapacity: true)
        ids.append(contentsOf: first)
        PostingsAlgebra.intersect(&ids, with: second)
      }
      #expect(Set(ids) == Set(first).intersection(second))
      #expect(count.isNone, "\(left) and \(right): \(count)")
    }
  }

  @Test(arguments: [1000, 100_000])
  func `intersecting lists that lie close takes one window whatever their length`(length: Int) {
    let first = (0..<length).map { UInt32($0 * 3) }
    let second = (0..<length).map { UInt32($0 * 2) }
    var ids: [UInt32] = []
    let count = AllocationCount.again {
      ids.removeAll(keepingCapacity: true)
      ids.append(contentsOf: first)
      PostingsAlgebra.intersect(&ids, with: second)
    }
    #expect(count.largeCalls == 1, "\(count)")
    #expect(count.bytes < 1 << 15, "\(count)")
  }

  /// Fifty series with two labels and three chunks.
  private func withBlock(_ body: (BlockReader) throws -> Void) throws {
    try withTemporaryDirectory { temporary in
      try makeBlock(
        at: temporary + "/block", id: .zero,
        (0..<50).map { number in
          TestSeries(
            LabelSet(["__name__": "m", "n": "\(number)"]),
            (0..<30).map { (time: Int64($0) * 15_000, value: Double($0)) })
        }, samplesPerChunk: 10)
      try body(try BlockReader(directory: temporary + "/block"))
    }
  }
}
