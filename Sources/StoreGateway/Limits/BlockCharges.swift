internal import ObjectStore
internal import RemoteBlocks
internal import Synchronization
internal import TSDBBlock

/// Pays for what is fetched of one block, before it is fetched: counts it against the request's
/// limits, and takes memory for it until the last reference goes.
final class BlockCharges: FetchCharging {
  private let block: BlockID
  private let context: RequestContext
  private let seriesArePaid: Bool
  private let held = Atomic(0)
  private let heldOfPool = Atomic(0)

  /// - Parameter seriesArePaid: Whether series are fetched again that were counted before: the
  ///   reference has them in memory when it sorts.
  init(_ block: BlockID, _ context: RequestContext, seriesArePaid: Bool = false) {
    self.block = block
    self.seriesArePaid = seriesArePaid
    self.context = context
  }

  var statistics: FetchStatistics? { context.statistics }

  func charge(bytes: Int, for kind: FetchKind) async throws(FetchRefusal) {
    do throws(QueryError) {
      if !seriesArePaid || !kind.isOfSeries {
        try context.charges.addBytes(bytes, of: kind, block: block)
      }
      try takeMemory(bytes, kind)
    } catch {
      throw FetchRefusal(error)
    }
  }

  private func takeMemory(_ bytes: Int, _ kind: FetchKind) throws(QueryError) {
    switch kind {
    // Lists become ids, which are counted apart; what is cached is not fetched.
    case .cachedPostings, .cachedSeries: return
    case .postings, .series, .seriesRefetch: break
    case .chunks, .chunkRefetch:
      guard context.chunkPool.take(bytes) else {
        throw .chunkPool(needed: bytes, of: context.chunkPool.capacity)
      }
      heldOfPool.add(bytes, ordering: .relaxed)
    }
    try hold(bytes)
  }

  /// Takes memory for what was made of what was read.
  func hold(_ bytes: Int) throws(QueryError) {
    try context.memory.need(bytes)
    held.add(bytes, ordering: .relaxed)
  }

  deinit {
    context.memory.release(held.load(ordering: .relaxed))
    context.chunkPool.release(heldOfPool.load(ordering: .relaxed))
  }
}

extension FetchKind {
  fileprivate var isOfSeries: Bool {
    switch self {
    case .cachedSeries, .series, .seriesRefetch: true
    case .cachedPostings, .postings, .chunks, .chunkRefetch: false
    }
  }
}
