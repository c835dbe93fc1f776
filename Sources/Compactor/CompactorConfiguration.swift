public import BlockCatalog
internal import Glibc
public import TSDBBlock

/// What a compactor is told by its flags.
public struct CompactorConfiguration: Sendable {
  /// Below it lies the working directory.
  public var dataDirectory: String
  /// How long a block marked for deletion stays, milliseconds.
  public var deleteDelay: Int64 = 48 * 3_600_000
  /// How old a block must be before it is touched, milliseconds.
  public var consistencyDelay: Int64 = 30 * 60_000
  /// Asked for in every round, because it may move with the clock.
  public var timePartition: @Sendable () -> TimePartition = { .everything }
  /// Blocks that it drops are another compactor's; nil takes them all. Asked for in every round,
  /// because a reload may change it.
  public var selector: @Sendable () -> RelabelSelector? = { nil }
  public var replicaLabels = ReplicaLabels([])
  /// What becomes of blocks of one group that overlap: with ``OverlapPolicy/refuse`` their group is
  /// left alone.
  public var overlaps = OverlapPolicy.refuse
  public var planner = CompactionPlanner()
  public var downsamples = true
  public var retention = RetentionPolicy()
  /// Groups that are compacted, and blocks that are downsampled, at once.
  public var groupConcurrency = 1
  public var downsampleConcurrency = 1
  /// Threads that one merge, or one block's downsampling, uses.
  public var threadCount = CompactorConfiguration.coreCount
  /// How blocks of remote buckets come and go.
  public var transfers = Transfers()
  /// Stop working for ever at the first failure, instead of leaving out what is damaged.
  public var haltsOnError = false
  /// How blocks are found.
  public var discovery = BlockDiscovery.concurrent
  /// Blocks looked at in parallel.
  public var fetchConcurrency = 32
  /// How often a compactor that waits removes uploads that were given up, and finds out how much is
  /// to do; nil for never.
  public var cleanupInterval: Duration? = .seconds(300)
  public var progressInterval: Duration? = .seconds(300)
  /// Time between the starts of two runs; nil for a single run.
  public var waitInterval: Duration?

  public init(dataDirectory: String) {
    self.dataDirectory = dataDirectory
  }

  /// Cores of the machine that are switched on.
  private static var coreCount: Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }

  var mergesOverlaps: Bool { overlaps != .refuse }

  /// What the compactor wants to see of a bucket. Marks hide a block only after half of the delay,
  /// so that its time stays covered while the replacement becomes visible.
  var rules: CatalogRules {
    var rules = CatalogRules()
    rules.timePartition = timePartition()
    rules.consistencyDelay = ConsistencyDelay(milliseconds: consistencyDelay)
    rules.deletionDelay = DeletionDelay(milliseconds: deleteDelay / 2)
    rules.replicaLabels = replicaLabels
    rules.selector = selector()
    return rules
  }
}
