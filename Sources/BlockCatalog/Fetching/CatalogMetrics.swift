public import Telemetry

/// How looks at a bucket went, under the names of the reference.
public struct CatalogMetrics: Sendable {
  private let baseLooks: Counter
  private let cacheBusts: Counter
  private let looks: Counter
  private let failures: Counter
  private let seconds: Histogram
  private let removedReplicaLabels: Gauge
  private let states: [SyncState: Gauge]

  /// - Parameters:
  ///   - showsCompactionMarks: whether marks against compaction and downsampling are counted; to
  ///     those who only read they mean nothing.
  ///   - showsConverted: whether blocks are counted that were converted.
  ///   - prefix: of all names: a program may look at a bucket for several purposes.
  public init(
    _ registry: MetricRegistry, showsCompactionMarks: Bool, showsConverted: Bool = false,
    prefix: String = "thanos_"
  ) {
    func counter(_ name: String, _ help: String) -> Counter {
      registry.counter("\(prefix)blocks_meta_\(name)_total", help: help)
    }
    baseLooks = counter("base_syncs", "Looks at the whole bucket.")
    cacheBusts = counter(
      "base_cache_busts", "Metas read again because they changed in the bucket.")
    looks = counter("syncs", "Total blocks metadata synchronization attempts.")
    failures = counter("sync_failures", "Total blocks metadata synchronization failures.")
    seconds = registry.histogram(
      "\(prefix)blocks_meta_sync_duration_seconds",
      help: "Duration of the blocks metadata synchronization in seconds.",
      bounds: [0.01, 1, 10, 100, 300, 600, 1000])
    removedReplicaLabels = registry.gauge(
      "\(prefix)blocks_meta_modified", help: "Number of blocks whose metadata changed.",
      labels: ["modified": "replica-label-removed"])
    var states: [SyncState: Gauge] = [:]
    for state in SyncState.allCases
    where (showsCompactionMarks || state != .markedForNoDownsample)
      && (showsConverted || state != .parquetConverted)
    {
      let gauge = registry.gauge(
        "\(prefix)blocks_meta_synced", help: "Number of block metadata synced.",
        labels: ["state": state.rawValue])
      if showsCompactionMarks || state != .markedForNoCompact { states[state] = gauge }
    }
    self.states = states
  }

  func beginLook() {
    baseLooks.increment()
    looks.increment()
  }

  func endLook(_ view: CatalogView, after duration: Duration) {
    if view.gap != nil { failures.increment() }
    seconds.observe(duration)
    show(view.snapshot)
  }

  func failLook() {
    failures.increment()
  }

  func bustCache() {
    cacheBusts.increment()
  }

  func show(_ snapshot: CatalogSnapshot) {
    for (state, gauge) in states { gauge.set(snapshot.counts[state] ?? 0) }
    removedReplicaLabels.set(snapshot.removedReplicaLabels)
  }
}
