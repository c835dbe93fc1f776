import RemoteBlocks
import TSDBBlock
import Testing

@Test("a part knows which bytes of its file it holds")
func partKnowsItsRange() {
  let part = FetchedPart(slice: ByteSlice(ByteStorage([1, 2, 3])), fileOffset: 100)
  #expect(part.fileRange == 100..<103)
}
