internal import BlockCatalog
package import Compactor
package import Console
internal import TSDBBlock

/// A plan for people.
///
///     0@1234  {cluster="a"}  raw  5 blocks
///       block  from  range  level  samples  size  what
///     1 compaction
///       1  4 blocks to level 2, 8h from 2024-04-01T00:00:00Z  …
package struct PlanText {
  private let plan: BucketPlan
  private let estimate: PlanEstimate
  private let terminal: Terminal

  package init(_ plan: BucketPlan, _ estimate: PlanEstimate, _ terminal: Terminal) {
    self.plan = plan
    self.estimate = estimate
    self.terminal = terminal
  }

  package func render() -> String {
    guard !plan.blocks.isEmpty else { return "no blocks in the bucket\n" }
    return groups() + others() + compactions() + summary()
  }

  private func groups() -> String {
    var groups: [GroupKey: [BucketPlan.Block]] = [:]
    for block in plan.blocks {
      if let meta = block.meta { groups[GroupKey(meta), default: []].append(block) }
    }
    var text = ""
    for (key, blocks) in groups.sorted(by: { $0.key < $1.key }) {
      let sorted = blocks.sorted {
        ($0.meta?.minTime ?? 0, $0.id) < ($1.meta?.minTime ?? 0, $1.id)
      }
      let title =
        "\(key)  \(Self.labels(blocks.first?.meta))  \(HumanText.resolution(key.resolution))  "
        + HumanText.plural(blocks.count, "block")
      text += terminal.styled(title, .bold) + "\n"
      var table = Table("block", "from", ">range", ">level", ">samples", ">size", "what")
      for block in sorted {
        guard let meta = block.meta else { continue }
        table.add(
          block.id.description, HumanText.time(meta.minTime),
          HumanText.duration(from: meta.minTime, to: meta.maxTime), "\(meta.compaction.level)",
          HumanText.count(meta.stats.samples), Self.bytes(block.byteCount), block.reason)
      }
      text += table.render(indent: 2, terminal) + "\n"
    }
    return text
  }

  /// Blocks whose meta.json is not there, or not looked at.
  private func others() -> String {
    let blocks = plan.blocks.filter { $0.meta == nil }
    guard !blocks.isEmpty else { return "" }
    var table = Table("block", "what")
    for block in blocks { table.add(block.id.description, block.reason) }
    return terminal.styled("not taken part", .bold) + "\n" + table.render(indent: 2, terminal)
      + "\n"
  }

  private func compactions() -> String {
    guard !plan.work.compactions.isEmpty else { return "" }
    var table = Table(
      ">no", "group", "from", ">range", ">level", ">blocks", ">samples", ">size", "kind")
    for (number, compaction) in plan.work.compactions.enumerated() {
      let meta = compaction.result
      table.add(
        "\(number + 1)", compaction.group.description, HumanText.time(meta.minTime),
        HumanText.duration(from: meta.minTime, to: meta.maxTime), "\(meta.compaction.level)",
        "\(compaction.inputs.count)", HumanText.count(meta.stats.samples),
        Self.bytes(estimate.byteCount(of: meta.id)),
        compaction.isVertical ? "overlapping" : "side by side")
    }
    return terminal.styled("compactions, in order", .bold) + "\n"
      + table.render(indent: 2, terminal) + "\n"
  }

  private func summary() -> String {
    let work = plan.work
    var parts = [HumanText.plural(work.compactions.count, "compaction")]
    parts.append(HumanText.plural(work.downsampling.count, "block") + " to downsample")
    if !work.laterDownsampling.isEmpty {
      parts.append("\(HumanText.count(work.laterDownsampling.count)) more to downsample then")
    }
    if !work.expired.isEmpty {
      parts.append(HumanText.plural(work.expired.count, "block") + " beyond retention")
    }
    if !work.overlaps.isEmpty {
      parts.append(HumanText.plural(work.overlaps.count, "group") + " left alone")
    }
    var text = parts.joined(separator: ", ") + "\n"
    if !work.compactions.isEmpty || !work.downsampling.isEmpty {
      text +=
        "needs up to \(HumanText.bytes(Int(estimate.diskBytes))) below --data-dir and about "
        + "\(HumanText.duration(UInt64(max(estimate.seconds, 1) * 1000)))\n"
    }
    return text
  }

  package static func explanation(of block: BucketPlan.Block, in plan: BucketPlan) -> String {
    var text = "\(block.id)  \(block.reason)\n"
    guard let meta = block.meta else { return text }
    text +=
      "  group    \(GroupKey(meta))  \(labels(meta))  \(HumanText.resolution(meta.resolution))\n"
    text +=
      "  time     \(HumanText.time(meta.minTime)) to \(HumanText.time(meta.maxTime)), "
      + "\(HumanText.duration(from: meta.minTime, to: meta.maxTime))\n"
    text +=
      "  level    \(meta.compaction.level), \(HumanText.plural(meta.compaction.sources.count, "source"))\n"
    for compaction in plan.work.compactions
    where compaction.inputs.contains(where: { $0.id == block.id }) {
      text +=
        "  merged   into \(HumanText.time(compaction.result.minTime)) to "
        + "\(HumanText.time(compaction.result.maxTime)) with\n"
      for input in compaction.inputs where input.id != block.id {
        text += "             \(input.id)\n"
      }
    }
    return text
  }

  private static func labels(_ meta: BlockMeta?) -> String {
    LabelSet((meta?.thanos?.labels ?? []).map { ($0.name, $0.value) }).description
  }

  private static func bytes(_ count: Int64?) -> String {
    count.map { HumanText.bytes(Int($0)) } ?? "-"
  }
}
