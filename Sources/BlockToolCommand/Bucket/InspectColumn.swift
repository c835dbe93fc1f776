internal import ArgumentParser
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// The columns of `bucket inspect`, in their order. For programs, never rename.
enum InspectColumn: String, ExpressibleByArgument, CaseIterable {
  case ulid = "ULID"
  case from = "FROM"
  case until = "UNTIL"
  case range = "RANGE"
  case untilDown = "UNTIL-DOWN"
  case series = "#SERIES"
  case samples = "#SAMPLES"
  case chunks = "#CHUNKS"
  case level = "COMP-LEVEL"
  case failed = "COMP-FAILED"
  case labels = "LABELS"
  case resolution = "RESOLUTION"
  case source = "SOURCE"

  func cell(_ meta: BlockMeta) -> String {
    switch self {
    case .ulid: meta.id.description
    case .from: GoTime.seconds(meta.minTime)
    case .until: GoTime.seconds(meta.maxTime)
    case .range: GoDuration.text(milliseconds: meta.maxTime &- meta.minTime)
    case .untilDown: Self.untilDown(meta).map { GoDuration.text(milliseconds: $0) } ?? "-"
    case .series: HumanText.count(meta.stats.series)
    case .samples: HumanText.count(meta.stats.samples)
    case .chunks: HumanText.count(meta.stats.chunks)
    case .level: "\(meta.compaction.level)"
    case .failed: "\(meta.compaction.failed)"
    case .labels:
      meta.externalLabels.map {
        String(decoding: $0.name, as: UTF8.self) + "=" + String(decoding: $0.value, as: UTF8.self)
      }.joined(separator: ",")
    case .resolution: GoDuration.text(milliseconds: meta.resolution)
    case .source: meta.thanos?.source ?? ""
    }
  }

  /// Whether one block comes before the other; blocks that are equal in all columns by ULID.
  static func precedes(_ left: BlockMeta, _ right: BlockMeta, by columns: [InspectColumn]) -> Bool {
    for column in columns {
      switch (column.number(left), column.number(right)) {
      case (let l?, let r?) where l != r: return l < r
      case (nil, nil):
        let (l, r) = (column.cell(left), column.cell(right))
        if l != r { return l.utf8.lexicographicallyPrecedes(r.utf8) }
      // What has no value comes first.
      case (nil, _?): return true
      case (_?, nil): return false
      default: continue
      }
    }
    return left.id < right.id
  }

  /// Nil for text.
  private func number(_ meta: BlockMeta) -> Double? {
    switch self {
    case .ulid, .labels, .source, .failed: nil
    case .from: Double(meta.minTime)
    case .until: Double(meta.maxTime)
    case .range: Double(meta.maxTime) - Double(meta.minTime)
    case .untilDown: Self.untilDown(meta).map { Double($0) }
    case .series: Double(meta.stats.series)
    case .samples: Double(meta.stats.samples)
    case .chunks: Double(meta.stats.chunks)
    case .level: Double(meta.compaction.level)
    case .resolution: Double(meta.resolution)
    }
  }

  private static let hour: Int64 = 3_600_000

  /// Nil where nothing coarser is made.
  private static func untilDown(_ meta: BlockMeta) -> Int64? {
    let length = meta.maxTime &- meta.minTime
    return switch meta.resolution {
    case 0: 40 * hour &- length
    case 300_000: 240 * hour &- length
    default: nil
    }
  }
}
