internal import BlockCatalog
package import Compactor
internal import Console
package import TSDBBlock

/// A plan for programs.
package enum PlanJSON {
  package static func make(_ plan: BucketPlan, _ estimate: PlanEstimate) -> RawJSON {
    .object([
      "blocks": .array(plan.blocks.map(block)),
      "compactions": .array(plan.work.compactions.map { compaction($0, estimate) }),
      "downsampling": .array(
        plan.work.downsampling.map { task in
          .object([
            "ulid": .string(task.block.id.description), "resolution": .count(task.resolution),
          ])
        }),
      "expired": .array(plan.work.expired.map { .string($0.description) }),
      "marks": .array(plan.work.marks.map(mark)),
      "overlaps": .array(plan.work.overlaps.values.joined().map(overlap)),
      "disk_bytes": .count(estimate.diskBytes),
      "seconds": .count(Int(estimate.seconds.rounded(.up))),
    ])
  }

  package static func block(_ block: BucketPlan.Block) -> RawJSON {
    .object([
      "ulid": .string(block.id.description),
      "group": block.meta.map { .string(GroupKey($0).description) },
      "min_time": block.meta.map { .count($0.minTime) },
      "max_time": block.meta.map { .count($0.maxTime) },
      "resolution": block.meta.map { .count($0.resolution) },
      "level": block.meta.map { .count($0.compaction.level) },
      "samples": block.meta.map { .count($0.stats.samples) },
      "bytes": block.byteCount.map { .count($0) },
      "fate": .string(block.fate.rawValue),
      "reason": .string(block.reason),
    ])
  }

  private static func compaction(
    _ compaction: PendingWork.Compaction, _ estimate: PlanEstimate
  ) -> RawJSON {
    let meta = compaction.result
    return .object([
      "group": .string(compaction.group.description),
      "inputs": .array(compaction.inputs.map { .string($0.id.description) }),
      "min_time": .count(meta.minTime), "max_time": .count(meta.maxTime),
      "resolution": .count(meta.resolution), "level": .count(meta.compaction.level),
      "samples": .count(meta.stats.samples),
      "bytes": estimate.byteCount(of: meta.id).map { .count($0) },
      "vertical": .bool(compaction.isVertical),
    ])
  }

  package static func mark(_ mark: CompactionPlanner.Mark) -> RawJSON {
    .object([
      "ulid": .string(mark.id.description), "reason": .string(mark.reason),
      "details": .string(mark.details),
    ])
  }

  package static func overlap(_ overlap: BlockOverlap) -> RawJSON {
    .object([
      "min": .count(overlap.minTime), "max": .count(overlap.maxTime),
      "ulids": .array(overlap.blocks.map { .string($0.description) }),
    ])
  }
}
