internal import CBlockIO
internal import Dispatch
internal import Synchronization

/// Writes full buffers of a file on another thread, one at a time, while the next one is filled.
///
///     caller   fills A │ hands A over, gets B │ fills B │ waits for A, hands B over, gets A │ …
///     thread           │ writes A ───────────────────►  │ writes B …
///
/// Copying into the page cache is about half of what the thread that writes a block would do.
final class WriteBehind: Sendable {
  private struct State {
    /// Handed over, not yet taken by the thread.
    var pending: [UInt8] = []
    /// Memory to fill next.
    var spare: [UInt8] = []
    var failure: BlockError?
    /// Up to where the disk was told to begin with the bytes.
    var writtenBack = 0
  }

  /// Bytes after which the disk is told to begin with them, so that the sync at the end of a large
  /// file does not wait for all of it.
  private static let writebackByteCount = 8 << 20

  private let descriptor: CInt
  private let path: String
  private let state = Mutex(State())
  private let underWay = DispatchGroup()

  /// - Parameter descriptor: stays open until ``wait()`` has returned.
  init(_ descriptor: CInt, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Begins to write `buffer` and leaves it empty, with memory to be filled.
  ///
  /// - Throws: ``BlockError`` when the one before it could not be written.
  func write(_ buffer: inout [UInt8], at offset: Int) throws(BlockError) {
    try finish()
    var full: [UInt8] = []
    swap(&full, &buffer)
    buffer = state.withLock { [full] state in
      state.pending = full
      var spare: [UInt8] = []
      swap(&spare, &state.spare)
      return spare
    }
    full = []
    DispatchQueue.global().async(group: underWay) { self.writePending(at: offset) }
  }

  private func writePending(at offset: Int) {
    var full: [UInt8] = []
    state.withLock { swap(&full, &$0.pending) }
    do {
      try writeFully(full.rawSpan, to: descriptor, at: offset, path)
      startWriteback(upTo: offset + full.count)
    } catch {
      state.withLock { $0.failure = error }
    }
    full.removeAll(keepingCapacity: true)
    state.withLock { swap(&full, &$0.spare) }
  }

  /// Tells the disk to begin with what it has not been told of, when it is much.
  func startWriteback(upTo end: Int) {
    let start = state.withLock { state -> Int? in
      guard end - state.writtenBack >= Self.writebackByteCount else { return nil }
      defer { state.writtenBack = end }
      return state.writtenBack
    }
    guard let start else { return }
    block_io_start_writeback(descriptor, Int64(start), Int64(end - start))
  }

  /// Waits until nothing is under way.
  func wait() { underWay.wait() }

  /// The same.
  ///
  /// - Throws: ``BlockError`` when something could not be written.
  func finish() throws(BlockError) {
    wait()
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }
}
