import TestSupport
import Testing

@testable import StoreGateway

@Suite struct WindowShapeTests {
  /// Span, times and one payload of a chunk.
  private static let bytesPerChunk = 96

  @Test func `one block of a large budget gets the largest window`() {
    #expect(WindowShape(blockCount: 1, budget: .max).byteCount == 512 << 10)
    #expect(WindowShape(blockCount: 0, budget: .max).byteCount == 512 << 10)
  }

  @Test func `windows of many blocks shrink, but not to nothing`() {
    #expect(WindowShape(blockCount: 16, budget: 64 << 20).byteCount == 512 << 10)
    #expect(WindowShape(blockCount: 64, budget: 64 << 20).byteCount == 128 << 10)
    #expect(WindowShape(blockCount: 100_000, budget: 64 << 20).byteCount == 32 << 10)
    #expect(WindowShape(blockCount: 1, budget: 1).byteCount == 32 << 10)
  }

  @Test func `labels and chunks fit into the window, and its windows into a part of the budget`() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<1000 {
      let blocks = Int.random(in: 1...5000, using: &random)
      let budget = 1 << Int.random(in: 24...40, using: &random)
      let shape = WindowShape(blockCount: blocks, budget: budget)
      #expect(shape.labelBytes > 0 && shape.chunkCount > 0)
      #expect(shape.labelBytes + Self.bytesPerChunk * shape.chunkCount <= shape.byteCount)
      #expect(shape.byteCount == 32 << 10 || blocks * shape.byteCount <= budget / 8)
      #expect(shape.byteCount >= WindowShape(blockCount: blocks + 1, budget: budget).byteCount)
      #expect(shape.byteCount <= WindowShape(blockCount: blocks, budget: 2 * budget).byteCount)
    }
  }
}
