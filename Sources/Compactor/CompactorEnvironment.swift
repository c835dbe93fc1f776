internal import Logging
public import TSDBBlock

/// What the steps of a compaction share.
struct CompactorEnvironment: Sendable {
  let metrics: CompactorMetrics
  let logger: Logger
  let observer: any CompactionObserver
  /// Unix milliseconds.
  let now: @Sendable () -> Int64
}

/// Watches merges as they go, to show them to somebody. Called from a thread that may block.
public protocol CompactionObserver: Sendable {
  /// Called about every thousand series.
  func merging(_ id: BlockID, _ progress: BlockMerge.Progress)
  /// The merge of `id` is over, well or not.
  func ended(_ id: BlockID)
}

/// Watches nothing.
public struct NoObserver: CompactionObserver {
  public init() {}
  public func merging(_ id: BlockID, _ progress: BlockMerge.Progress) {}
  public func ended(_ id: BlockID) {}
}
