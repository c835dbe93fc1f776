internal import StoreAPI
internal import TSDBBlock

/// What the Info calls say about the blocks being served.
struct StoreSummary {
  let labelSets: [[(name: [UInt8], value: [UInt8])]]
  /// With no blocks, a range that no query meets: from the largest number to the smallest.
  let minTime: Int64
  let maxTime: Int64
  let coverage: [Thanos_Info_TSDBInfo]

  init(_ snapshot: BlockSetSnapshot, window: ClosedRange<Int64>) {
    labelSets = snapshot.sets.map(\.externalLabels)
    let extents = snapshot.sets.flatMap { $0.blocks.map(\.extent) }
    if extents.isEmpty {
      minTime = .max
      maxTime = .min
    } else {
      minTime = max(extents.map(\.minTime).min() ?? .max, window.lowerBound)
      maxTime = min(extents.map(\.maxTime).max() ?? .min, window.upperBound)
    }
    coverage = snapshot.sets.flatMap { set in
      TimeCoverage.union(of: set.blocks.map { ($0.extent.minTime, $0.extent.maxTime) }).map {
        range in
        var info = Thanos_Info_TSDBInfo()
        info.labels = Self.message(set.externalLabels)
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
