internal import ObjectStore
internal import RemoteBlocks
internal import TSDBBlock

/// What all requests share.
struct RequestResources: Sendable {
  /// Asked for at every request, because a reload may change them.
  var limits: @Sendable () -> RequestLimits = { RequestLimits() }
  var memory: MemoryBudget
  /// Bytes of chunks that all requests may have fetched at once.
  var chunkPool = FairShare(capacity: .max)

  /// Nothing is refused.
  static let unlimited = RequestResources(memory: MemoryBudget(byteCount: .max))

  /// Admits a request that holds a window of so many blocks at a time, once there is memory for it.
  ///
  /// - Parameters:
  ///   - byteCount: What it holds beside the windows.
  ///   - tenant: Who asks, as metrics show it.
  /// - Throws: ``QueryError`` when there is not enough memory; `CancellationError`.
  func admit(
    windowsOf blockCount: Int, beside byteCount: Int = 0, tenant: String
  ) async throws -> RequestContext {
    let windows = WindowShape(blockCount: blockCount, budget: memory.capacity)
    return RequestContext(
      charges: RequestCharges(limits()),
      memory: try await memory.admit(byteCount + blockCount * windows.byteCount),
      chunkPool: chunkPool, tenant: tenant, windows: windows)
  }
}

/// What one request may use, shared by all its tasks.
struct RequestContext: Sendable {
  let charges: RequestCharges
  let memory: MemoryBudget.Reservation
  let chunkPool: FairShare
  /// What was read, of mapped blocks too.
  let statistics = FetchStatistics()
  /// Who asks, as metrics show it.
  let tenant: String
  let windows: WindowShape
}

/// How large a window of series may grow, in view of how many a request holds at least.
struct WindowShape: Equatable, Sendable {
  private static let smallest = 32 << 10
  private static let largest = 512 << 10
  /// One request is admitted with no more than this part of the whole budget, where it can.
  private static let part = 8
  /// Memory of a chunk in a window: span, times and one payload.
  private static let bytesPerChunk = 96

  /// Memory of one window.
  let byteCount: Int

  init(blockCount: Int, budget: Int) {
    let fair = budget / Self.part / max(blockCount, 1)
    byteCount = min(max(fair, Self.smallest), Self.largest)
  }

  /// After how many bytes of labels a window ends before all its series are decoded.
  var labelBytes: Int { byteCount / 4 }
  /// The same for chunks.
  var chunkCount: Int { byteCount / 2 / Self.bytesPerChunk }
}
