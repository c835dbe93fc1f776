import RemoteBlocks
import TSDBBlock
import Testing

@Suite struct FetchedPartTests {
  private func part(_ range: Range<Int>) -> FetchedPart {
    let storage = ByteStorage([UInt8](repeating: 0, count: range.count))
    return FetchedPart(slice: ByteSlice(storage), fileOffset: range.lowerBound)
  }

  @Test("a part knows which bytes of its file it holds")
  func range() {
    #expect(part(100..<103).fileRange == 100..<103)
  }

  @Test("what begins at an offset is in the last part that begins at or before it")
  func holding() {
    let parts = [part(10..<20), part(20..<30), part(25..<40), part(60..<61)]
    let places = [9, 10, 19, 20, 24, 25, 39, 40, 60, 61].map { parts.place(holding: $0) }
    #expect(places == [nil, 0, 0, 1, 1, 2, 2, nil, 3, nil])
    #expect([FetchedPart]().place(holding: 0) == nil)
  }

  @Test("a chunk in a segment or at a place that is not there is an error")
  func missing() {
    let segments = [SegmentParts(segment: 2, path: "chunks/000003", parts: [part(0..<100)])]
    for location in [ChunkLocation(segment: 1, offset: 8), ChunkLocation(segment: 3, offset: 8)] {
      #expect(throws: BlockError.self) { try segments.segment(of: location) }
    }
    for offset in [0, 7, 100, 5000] {
      #expect(throws: BlockError.self) { try segments[0].record(at: offset) }
    }
  }
}
