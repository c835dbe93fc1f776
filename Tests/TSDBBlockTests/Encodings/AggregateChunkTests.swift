internal import TSDBBlock
internal import TestSupport
internal import Testing

@Suite struct `Aggregate chunks` {
  /// Count with two bytes of XOR, sum absent, min with one byte, max absent, counter absent.
  private let bytes: [UInt8] = [2, 1, 0x00, 0x07, 0, 1, 1, 0x55, 0, 0]

  @Test func `present aggregates are found and absent ones are not`() throws {
    let chunk = try AggregateChunk(bytes.span.bytes)
    #expect(chunk[.count]?.range == 2..<4)
    #expect(chunk[.count]?.encoding == .xor)
    #expect(chunk[.sum] == nil)
    #expect(chunk[.min]?.range == 7..<8)
    #expect(chunk[.max] == nil)
    #expect(chunk[.counter] == nil)
    #expect(try ChunkEncoding.aggregate.sampleCount(of: bytes.span.bytes) == 7)
  }

  @Test func `aggregates missing at the end are absent`() throws {
    let whole = try AggregateChunk(bytes.span.bytes)
    #expect(try AggregateChunk(Array(bytes.prefix(8)).span.bytes) == whole)
  }

  @Test(arguments: [1, 2, 3, 6, 7])
  func `a chunk that ends inside an aggregate is truncated`(length: Int) {
    #expect(throws: DecodeError.truncated) {
      _ = try AggregateChunk(Array(bytes.prefix(length)).span.bytes)
    }
  }

  @Test func `an aggregate within an aggregate has no count`() {
    let nested: [UInt8] = [3, 0xFF, 1, 1, 0]
    #expect(throws: DecodeError.malformed) {
      _ = try ChunkEncoding.aggregate.sampleCount(of: nested.span.bytes)
    }
  }

  @Test func `an unknown encoding has a name but no count`() {
    let unknown = ChunkEncoding(rawValue: 7)
    #expect("\(unknown)" == "unknown (7)")
    #expect(throws: DecodeError.malformed) {
      _ = try unknown.sampleCount(of: bytes.span.bytes)
    }
  }

  @Test func `counts with start times leave out the reset flags`() throws {
    let payload: [UInt8] = [0xC1, 0x02]
    #expect(try ChunkEncoding.histogramST.sampleCount(of: payload.span.bytes) == 0x0102)
    #expect(try ChunkEncoding.xor2.sampleCount(of: payload.span.bytes) == 0xC102)
  }
}
