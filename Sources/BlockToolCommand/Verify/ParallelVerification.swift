internal import TSDBBlock

/// Verifies blocks on several threads and hands them over in their order, a few at a time.
enum ParallelVerification {
  /// Blocks of a batch for each thread: enough that a large one does not keep the others waiting.
  private static let blocksPerThread = 4

  /// - Parameter body: called on this thread.
  static func run(
    _ directories: [String], threads: Int, _ body: (VerifiedBlock) throws -> Void
  ) rethrows {
    let size = threads * blocksPerThread
    for start in stride(from: 0, to: directories.count, by: size) {
      let names = Array(directories[start..<min(start + size, directories.count)])
      // A large block alone is read by all.
      let threadsPerBlock = max(1, threads / names.count)
      let blocks = Parallel.map(names.count, threads: threads) {
        VerifiedBlock(names[$0], threads: threadsPerBlock)
      }
      for block in blocks { try body(block) }
    }
  }
}
