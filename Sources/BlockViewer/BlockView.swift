public import BlockCatalog
internal import Synchronization
public import TSDBBlock

/// The blocks that a program saw at its last look at the bucket. Safe to use from anywhere.
public final class BlockView: Sendable {
  /// What there is to show.
  public struct Content: Sendable {
    /// Sorted by identity.
    public var blocks: [Block] = []
    /// When that was, Unix milliseconds; 0 before the first look.
    public var refreshed: Int64 = 0
    /// Why the last look failed.
    public var failure: String?

    public init(blocks: [Block] = [], refreshed: Int64 = 0, failure: String? = nil) {
      self.blocks = blocks
      self.refreshed = refreshed
      self.failure = failure
    }
  }

  public struct Block: Sendable {
    public var meta: BlockMeta
    public var isMarkedForDeletion = false
    public var isMarkedNoCompact = false
    public var isMarkedNoDownsample = false

    public init(
      meta: BlockMeta, isMarkedForDeletion: Bool = false, isMarkedNoCompact: Bool = false,
      isMarkedNoDownsample: Bool = false
    ) {
      self.meta = meta
      self.isMarkedForDeletion = isMarkedForDeletion
      self.isMarkedNoCompact = isMarkedNoCompact
      self.isMarkedNoDownsample = isMarkedNoDownsample
    }
  }

  private let state = Mutex(Content())

  public init() {}

  public var content: Content { state.withLock { $0 } }

  /// Shows these blocks from now on.
  ///
  /// - Parameter now: Unix milliseconds.
  public func show(_ blocks: [Block], now: Int64) {
    let sorted = blocks.sorted { $0.meta.id < $1.meta.id }
    state.withLock { $0 = Content(blocks: sorted, refreshed: now) }
  }

  /// Keeps showing the last blocks, with the reason why there are no newer ones.
  public func fail(_ reason: String) { state.withLock { $0.failure = reason } }
}

extension BlockView {
  /// The blocks of a snapshot.
  public func show(_ snapshot: CatalogSnapshot, now: Int64) {
    show(
      snapshot.entries.map { entry in
        Block(
          meta: entry.meta, isMarkedForDeletion: entry.deletionMark != nil,
          isMarkedNoCompact: entry.noCompactMark != nil,
          isMarkedNoDownsample: entry.noDownsampleMark != nil)
      }, now: now)
  }
}
