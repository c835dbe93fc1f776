internal import Logging
public import TSDBBlock

/// What the steps of a compaction share.
struct CompactorEnvironment: Sendable {
  let metrics: CompactorMetrics
  let logger: Logger
  let observer: any CompactionObserver
  /// Threads that one merge, or one block's downsampling, uses.
  let threadCount: Int
  let transfers: Transfers
  let disk = DiskSpace()
  /// Unix milliseconds.
  let now: @Sendable () -> Int64
}

extension CompactorEnvironment {
  /// Tells the observer how far the making of a block has come; says false once the task is
  /// cancelled.
  func report(_ activity: WorkProgress.Activity, _ block: BlockID) -> WorkReport {
    let observer = observer
    return { readSeries, totalSeries, writtenSamples in
      observer.working(
        WorkProgress(
          activity: activity, block: block, readSeries: readSeries, totalSeries: totalSeries,
          writtenSamples: writtenSamples))
      return !Task.isCancelled
    }
  }
}

/// Called after every thousand series, or fewer, with how many were read, how many there are, and the samples
/// written; false stops the work.
typealias WorkReport =
  @Sendable (
    _ readSeries: Int, _ totalSeries: Int, _ writtenSamples: UInt64
  ) -> Bool

/// How far the making of a block has come.
public struct WorkProgress: Sendable {
  public enum Activity: String, Sendable {
    case merging
    case downsampling
  }

  public var activity: Activity
  /// The block that is made.
  public var block: BlockID
  /// Input series read, and all there are.
  public var readSeries: Int
  public var totalSeries: Int
  public var writtenSamples: UInt64
}

/// Watches blocks being made, to show that to somebody. Called from threads that may block, several
/// at once.
public protocol CompactionObserver: Sendable {
  /// Called about every thousand series.
  func working(_ progress: WorkProgress)
  /// The work on `block` is over, well or not.
  func ended(_ block: BlockID)
}

/// Watches nothing.
public struct NoObserver: CompactionObserver {
  public init() {}
  public func working(_ progress: WorkProgress) {}
  public func ended(_ block: BlockID) {}
}
