internal import BlockCatalog
internal import Compactor
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// Looks for one kind of problem after the other, and repairs when there is a way to remove blocks.
struct BucketVerification {
  let bucket: any Bucket
  /// Without those that are marked for deletion.
  let blocks: [BlockMeta]
  /// Empty for all.
  let only: Set<BlockID>
  let scratch: ScratchDirectory
  let format: OutputFormat
  let context: ToolContext
  var removal: SafeRemoval?
  /// Problems found that are still there.
  private(set) var open = 0
  private var found = 0

  init(
    bucket: any Bucket, blocks: [BlockMeta], only: Set<BlockID>, scratch: ScratchDirectory,
    format: OutputFormat, context: ToolContext
  ) {
    self.bucket = bucket
    self.blocks = blocks
    self.only = only
    self.scratch = scratch
    self.format = format
    self.context = context
  }

  mutating func look(for issue: VerifyIssue) throws {
    switch issue {
    case .index: try lookIntoBlocks()
    case .overlap: try lookForOverlaps()
    case .duplicate: try lookForDuplicates()
    }
  }

  func end() throws {
    guard format == .text else { return }
    let verdict =
      found == 0
      ? "nothing found"
      : "\(HumanText.plural(found, "problem")) found, \(HumanText.count(open)) left"
    try context.output.write("\(HumanText.plural(blocks.count, "block")), \(verdict)\n")
  }

  // MARK: Issues

  private mutating func lookIntoBlocks() throws {
    let ids = blocks.map(\.id).filter { only.isEmpty || only.contains($0) }
    let source = try VerificationSource(bucket, ids, scratchParent: scratch.path)
    var damaged: [(BlockID, String)] = []
    context.progress?.begin("verify")
    var count = 0
    try source.verify(threads: processorCount(), context) { block in
      count += 1
      context.progress?.update(count, of: ids.count, "blocks")
      guard block.isDamaged, let name = block.directory.split(separator: "/").last,
        let id = BlockID(name)
      else { return }
      let first = block.findings.first { $0.severity == .error }
      damaged.append(
        (
          id,
          [first?.description, block.consequence].compactMap(\.self)
            .joined(separator: "; ")
        ))
    }
    context.progress?.clear()
    let run = self
    for (id, what) in damaged {
      try settle(.index, [id], what) { removal in try Self.salvage(id, run, removal) }
    }
  }

  private static func salvage(
    _ id: BlockID, _ run: BucketVerification, _ removal: SafeRemoval
  ) throws -> String {
    var directory = "\(run.scratch.path)/damaged/\(id)"
    if let local = run.bucket.localDirectory {
      directory = "\(local)/\(id)"
    } else {
      try BlockFetch(bucket: run.bucket, context: run.context).copy(id, to: directory)
    }
    defer { FileSystem.removeTree("\(run.scratch.path)/damaged") }
    var salvage = BucketSalvage(bucket: run.bucket, scratch: run.scratch, context: run.context)
    // It is removed behind a copy, or marked then.
    salvage.fate = .kept
    do {
      let outcome = try salvage.run(id, in: directory)
      try removal.remove(id, details: "manual verify-repair")
      return "salvaged as \(outcome.id): \(LossSentence(outcome.report).text)"
    } catch let error as BlockError {
      throw ToolError("\(error)")
    }
  }

  private mutating func lookForOverlaps() throws {
    for (_, group) in groups() {
      let sorted = group.sorted { ($0.minTime, $0.id) < ($1.minTime, $1.id) }
      for overlap in BlockOverlap.all(in: sorted) where isWanted(overlap.blocks) {
        try settle(
          .overlap, overlap.blocks,
          "cover \(HumanText.time(overlap.minTime)) to \(HumanText.time(overlap.maxTime)) together",
          nil)
      }
    }
  }

  private mutating func lookForDuplicates() throws {
    for (_, group) in groups() {
      let kinds = Dictionary(grouping: group, by: CompactionIdentity.init)
      for copies in kinds.values.map({ $0.map(\.id).sorted() }).sorted(by: { $0[0] < $1[0] })
      where copies.count > 1 && isWanted(copies) {
        try settle(.duplicate, copies, "were made of the same sources for the same time") {
          removal in
          for id in copies.dropFirst() { try removal.remove(id, details: "manual verify-repair") }
          return "kept \(copies[0])"
        }
      }
    }
  }

  private struct CompactionIdentity: Hashable {
    var numbers: [Int64]
    var counts: [UInt64]
    var sources: Set<BlockID>

    init(_ meta: BlockMeta) {
      numbers = [meta.minTime, meta.maxTime, Int64(meta.compaction.level)]
      let stats = meta.stats
      counts = [stats.series, stats.chunks, stats.samples, stats.tombstones]
      sources = Set(meta.compaction.sources)
    }
  }

  private func groups() -> [(key: GroupKey, value: [BlockMeta])] {
    Dictionary(grouping: blocks, by: GroupKey.init).sorted { $0.key < $1.key }
  }

  private func isWanted(_ ids: [BlockID]) -> Bool {
    only.isEmpty || ids.contains { only.contains($0) }
  }

  // MARK: Answers

  /// Repairs when that is wanted and possible, and tells of the problem.
  private mutating func settle(
    _ issue: VerifyIssue, _ ids: [BlockID], _ what: String,
    _ repair: ((SafeRemoval) throws -> String)?
  ) throws {
    found += 1
    var repaired: String?
    if let removal, let repair {
      do {
        repaired = try repair(removal)
      } catch let error as ToolError {
        context.remark("blocktool: \(error)")
      }
    }
    if repaired == nil { open += 1 }
    switch format {
    case .text:
      let names = ids.map(\.description).joined(separator: ", ")
      try context.output.write("\(issue.rawValue)  \(names)  \(what)\n")
      if let repaired { try context.output.write("  repaired: \(repaired)\n") }
    case .json:
      let line = RawJSON.object([
        "issue": .string(issue.rawValue), "blocks": .array(ids.map { .string($0.description) }),
        "message": .string(what), "repair": repaired.map { .string($0) },
      ])
      try context.output.write(line.compactBytes + [0x0A])
    }
  }
}
