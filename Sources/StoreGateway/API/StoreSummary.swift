internal import StoreAPI
internal import TSDBBlock

/// What the Info calls say about the blocks that are served and those that are being opened: a
/// querier that does not ask for these would not learn that they are missing.
struct StoreSummary {
  typealias Labels = [(name: [UInt8], value: [UInt8])]
  private typealias TimeRange = (minTime: Int64, maxTime: Int64)

  let labelSets: [Labels]
  /// With no blocks, a range that no query meets: from the largest number to the smallest.
  let minTime: Int64
  let maxTime: Int64
  let coverage: [Thanos_Info_TSDBInfo]

  init(_ snapshot: BlockSetSnapshot, window: ClosedRange<Int64>) {
    labelSets = snapshot.labelSets
    var ranges: [[UInt8]: (labels: Labels, ranges: [TimeRange])] = [:]
    for set in snapshot.sets {
      ranges[WireLabels.encode(set.externalLabels)] = (
        set.externalLabels, set.blocks.map { ($0.extent.minTime, $0.extent.maxTime) }
      )
    }
    for block in snapshot.unavailable where block.reason == .notYetOpen {
      let labels = block.meta.externalLabels
      ranges[WireLabels.encode(labels), default: (labels, [])].ranges
        .append((block.meta.minTime, block.meta.maxTime))
    }
    let all = ranges.values.flatMap(\.ranges)
    if all.isEmpty {
      minTime = .max
      maxTime = .min
    } else {
      minTime = max(all.map(\.minTime).min() ?? .max, window.lowerBound)
      maxTime = min(all.map(\.maxTime).max() ?? .min, window.upperBound)
    }
    let sorted = ranges.sorted { WireLabels.compare($0.key.rawSpan, $1.key.rawSpan) < 0 }
    coverage = sorted.flatMap { _, set in
      TimeCoverage.union(of: set.ranges).map { range in
        var info = Thanos_Info_TSDBInfo()
        info.labels = Self.message(set.labels)
        info.minTime = range.minTime
        info.maxTime = range.maxTime
        return info
      }
    }
  }

  static func message(_ labels: [(name: [UInt8], value: [UInt8])]) -> Thanos_ZLabelSet {
    var set = Thanos_ZLabelSet()
    set.labels = labels.map { label in
      var message = Thanos_Label()
      message.name = String(decoding: label.name, as: UTF8.self)
      message.value = String(decoding: label.value, as: UTF8.self)
      return message
    }
    return set
  }
}
