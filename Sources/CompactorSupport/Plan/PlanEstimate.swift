package import Compactor
package import TSDBBlock

/// What the work of a plan takes, roughly.
package struct PlanEstimate {
  /// Samples a second that merging by copying, merging by decoding and downsampling do at least on
  /// one core, see docs/PERFORMANCE.md.
  private static let copyRate = 100e6
  private static let decodeRate = 25e6
  private static let downsampleRate = 60e6
  /// Bytes a second of a disk.
  private static let diskRate = 200e6

  /// Bytes below the data directory at the same time.
  package private(set) var diskBytes: Int64 = 0
  package private(set) var seconds: Double = 0
  private var sizes: [BlockID: Int64] = [:]

  /// - Parameter copiesInputs: the bucket is no local directory.
  package init(_ plan: BucketPlan, copiesInputs: Bool, concurrency: Int) {
    for block in plan.blocks { sizes[block.id] = block.byteCount ?? 0 }
    var needs: [Int64] = []
    for compaction in plan.work.compactions {
      let bytes = compaction.inputs.reduce(Int64(0)) { $0 &+ (sizes[$1.id] ?? 0) }
      sizes[compaction.result.id] = bytes
      needs.append(copiesInputs ? bytes &* 2 : bytes)
      let rate = compaction.isVertical ? Self.decodeRate : Self.copyRate
      seconds += max(
        Double(compaction.result.stats.samples) / rate, Double(bytes) / Self.diskRate)
    }
    for task in plan.work.downsampling {
      let bytes = sizes[task.block.id] ?? 0
      needs.append(copiesInputs ? bytes &* 2 : bytes)
      seconds += max(
        Double(task.block.stats.samples) / Self.downsampleRate, Double(bytes) / Self.diskRate)
    }
    diskBytes = needs.sorted(by: >).prefix(max(concurrency, 1)).reduce(0) { $0 &+ $1 }
  }

  package func byteCount(of id: BlockID) -> Int64? { sizes[id].flatMap { $0 > 0 ? $0 : nil } }
}
