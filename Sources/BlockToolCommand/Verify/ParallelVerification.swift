internal import Dispatch
internal import Synchronization

/// Verifies blocks on several threads and hands them over in their order, a few at a time.
enum ParallelVerification {
  /// Blocks of a batch for each thread: enough that a large one does not keep the others waiting.
  private static let blocksPerThread = 4

  private struct Batch {
    var next = 0
    var blocks: [VerifiedBlock?]
  }

  /// - Parameter body: called on this thread.
  static func run(
    _ directories: [String], threads: Int, _ body: (VerifiedBlock) throws -> Void
  ) rethrows {
    let size = threads * blocksPerThread
    for start in stride(from: 0, to: directories.count, by: size) {
      let names = Array(directories[start..<min(start + size, directories.count)])
      // A large block alone is read by all.
      let threadsPerBlock = max(1, threads / names.count)
      let batch = Mutex(Batch(blocks: Array(repeating: nil, count: names.count)))
      DispatchQueue.concurrentPerform(iterations: min(threads, names.count)) { _ in
        while true {
          let place = batch.withLock { state in
            defer { state.next += 1 }
            return state.next
          }
          guard place < names.count else { return }
          let block = VerifiedBlock(names[place], threads: threadsPerBlock)
          batch.withLock { $0.blocks[place] = block }
        }
      }
      for block in batch.withLock({ $0.blocks }) {
        if let block { try body(block) }
      }
    }
  }
}
