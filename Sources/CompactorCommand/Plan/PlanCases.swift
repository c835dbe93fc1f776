internal import CommandSupport
internal import Compactor
internal import CompactorSupport
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// Plans lists of metas from a file, to try the planner on blocks that are nowhere.
///
///     {"id": …, "ranges": [ms …], "vertical": bool, "indexSizeLimit": bytes,
///      "noCompactMarked": [ulid …], "blocks": [{"ulid", "min", "max", "level", "sources",
///      "numSeries", "numTombstones", "failed", "resolution", "indexSizeInMeta",
///      "indexSizeInBucket"} …]}
///  ─► {"id": …, "plan": [ulid …], "newMarks": […], "overlaps": […]}
struct PlanCases {
  let path: String

  func run() async throws(CommandError) {
    let bytes: [UInt8]
    do {
      bytes = try await readLocalFile(path)
    } catch {
      throw CommandError("--metas: cannot read \(path): \(error.detail)")
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty {
      do {
        print(String(decoding: try plan(Array(line)).compactBytes, as: UTF8.self))
      } catch {
        throw CommandError("--metas: \(path), line \(number + 1): \(error)")
      }
    }
  }

  private func plan(_ line: [UInt8]) throws -> RawJSON {
    let test = try RawJSON(parsing: line)
    let blocks = try (test["blocks"]?.elements ?? []).map(block)
    var sizes: [BlockID: Int64] = [:]
    for block in test["blocks"]?.elements ?? [] {
      sizes[try id(block["ulid"])] = block["indexSizeInBucket"]?.int64
    }
    let ranges = (test["ranges"]?.elements ?? []).compactMap(\.int64)
    let kind = test["kind"]?.text
    let isUnlimited = kind == "tsdb" || kind == "base"
    // A limit of zero is left out in cases that are about limits.
    let isLimited = kind == "large-index" || kind == "vertical-downsample"
    let limit = test["indexSizeLimit"]?.int64 ?? (isLimited ? 0 : nil)
    let planner = CompactionPlanner(
      ranges: ranges.isEmpty ? RangePlanner() : RangePlanner(ranges: ranges),
      indexSizeLimit: isUnlimited ? nil : limit,
      mergesOverlaps: test["vertical"]?.bool ?? false)
    let excluded = Set(try (test["noCompactMarked"]?.elements ?? []).map { try id($0) })
    let overlaps = RawJSON.array(BlockOverlap.all(in: blocks).map(PlanJSON.overlap))
    do throws(CompactionPlanner.UnknownIndexSize) {
      let plan = try planner.plan(blocks, excluding: excluded, indexSizes: sizes)
      return .object([
        "id": test["id"], "plan": .array(plan.blocks.map { .string($0.id.description) }),
        "newMarks": .array(plan.marks.map(PlanJSON.mark)), "overlaps": overlaps,
      ])
    } catch {
      return .object([
        "id": test["id"], "plan": .array([]), "newMarks": .array([]), "overlaps": overlaps,
        "error": .string("\(error)"),
      ])
    }
  }

  private func block(_ value: RawJSON) throws -> BlockMeta {
    guard let minTime = value["min"]?.int64, let maxTime = value["max"]?.int64 else {
      throw CommandError("a block needs 'min' and 'max', in milliseconds")
    }
    var meta = BlockMeta(
      id: try id(value["ulid"]), minTime: minTime, maxTime: maxTime, thanos: ThanosMeta())
    meta.compaction.level = Int(value["level"]?.int64 ?? 1)
    meta.compaction.sources = try (value["sources"]?.elements ?? []).map { try id($0) }
    meta.compaction.failed = value["failed"]?.bool ?? false
    meta.stats.series = UInt64(clamping: value["numSeries"]?.int64 ?? 0)
    meta.stats.tombstones = UInt64(clamping: value["numTombstones"]?.int64 ?? 0)
    meta.thanos?.resolution = value["resolution"]?.int64 ?? 0
    if let size = value["indexSizeInMeta"]?.int64 {
      meta.thanos?.files = [ThanosMeta.File(path: "index", size: size)]
    }
    return meta
  }

  private func id(_ value: RawJSON?) throws -> BlockID {
    guard let text = value?.text, let id = BlockID(text) else {
      throw CommandError("a block needs a 'ulid' of 26 characters")
    }
    return id
  }
}
