import GRPCCore
import StoreAPI
import Synchronization
import TestSupport

/// A client that reads the first frames and no more until it is told to.
final class HeldWriter: RPCWriterProtocol {
  private let state: Mutex<(isHeld: Bool, frames: Int)>

  init(isHeld: Bool) { state = Mutex((isHeld, 0)) }

  /// Frames that came.
  var frames: Int { state.withLock { $0.frames } }

  func release() { state.withLock { $0.isHeld = false } }

  func write(_ frame: SeriesFrame) async throws {
    try await write(contentsOf: CollectionOfOne(frame))
  }

  func write(contentsOf frames: some Sequence<SeriesFrame>) async throws {
    let count = frames.reduce(0) { count, _ in count + 1 }
    state.withLock { $0.frames += count }
    try await wait { self.state.withLock { !$0.isHeld } }
  }
}
