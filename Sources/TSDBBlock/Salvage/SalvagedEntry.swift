/// A series entry that was found, read into memory that is used again.
struct SalvagedEntry {
  private(set) var id: UInt32 = 0
  private(set) var offset = 0
  private(set) var chunks: [ChunkSpan] = []
  /// As ranks; proven unless there is a ``flaw``.
  private(set) var labels: [LabelReference] = []
  private(set) var flaw: SalvagedLabels.Flaw?
  private var references: [LabelReference] = []

  /// - Parameter source: nil when no labels can be told.
  /// - Returns: false when the entry cannot be decoded.
  mutating func read(
    _ place: SeriesHunt.Place, _ index: SalvagedIndex, _ version: UInt8,
    _ source: SalvagedLabels?
  ) -> Bool {
    references.removeAll(keepingCapacity: true)
    chunks.removeAll(keepingCapacity: true)
    labels.removeAll(keepingCapacity: true)
    id = place.id(version)
    offset = place.start
    do throws(DecodeError) {
      try SeriesEntry.decode(
        index.file.bytes.extracting(place.body), labels: &references, chunks: &chunks)
    } catch {
      return false
    }
    flaw = source.map { $0.resolve(references, id: id, into: &labels) } ?? .unproven
    return true
  }

  /// From the first to the last sample that the entry states.
  var times: ClosedRange<Int64>? {
    guard let first = chunks.map(\.minTime).min(), let last = chunks.map(\.maxTime).max(),
      first <= last
    else { return nil }
    return first...last
  }

  /// The loss of the whole series.
  func loss(_ flaw: SalvagedLabels.Flaw, _ strings: SalvagedStrings?) -> SalvageReport.Loss {
    let reason: SalvageReport.Loss.Reason =
      switch flaw {
      case .none: .labelsMissing
      case .ambiguous: .labelsAmbiguous
      case .unproven: .labelsUnproven
      }
    return SalvageReport.Loss(
      reason: reason, isSeries: true,
      labels: labels.isEmpty ? nil : strings?.labels(labels), times: times, path: "index",
      offset: offset)
  }
}

/// Series whose entries are damaged, as far as the postings know them.
struct LostSeries {
  struct Series {
    var labels: LabelSet?
    var offset: Int
  }

  private(set) var series: [Series] = []
  /// Bytes of damaged entries that no list names.
  private(set) var unexplainedBytes = 0

  /// Labels are looked for of so many.
  private static let labelLimit = 1000

  /// - Parameters:
  ///   - places: entries that were found, in the order of the file.
  ///   - gaps: where entries are damaged, increasing.
  init(
    _ index: SalvagedIndex, _ version: UInt8, _ places: [SeriesHunt.Place], _ gaps: [Range<Int>]
  ) {
    guard !gaps.isEmpty else { return }
    let file = index.file
    let bytes = file.bytes
    let unit = version == 1 ? 1 : IndexFormat.seriesAlignment
    var lost: [UInt32] = []
    index.forEachList { entry in
      guard entry.name.isEmpty, entry.value.isEmpty, lost.isEmpty, let list = index.list(entry)
      else { return }
      for position in 0..<list.count {
        let id = list.id(at: position, in: bytes)
        let before = gaps.partitioned { $0.upperBound <= Int(id) * unit }
        if before < gaps.count, gaps[before].contains(Int(id) * unit) { lost.append(id) }
      }
    }
    lost.sort()
    var labels = [LabelSet](repeating: LabelSet(), count: min(lost.count, Self.labelLimit))
    index.forEachList { entry in
      guard !(entry.name.isEmpty && entry.value.isEmpty), !lost.isEmpty,
        let list = index.list(entry)
      else { return }
      for position in 0..<list.count {
        let id = list.id(at: position, in: bytes)
        let found = lost.partitioned { $0 < id }
        guard found < labels.count, lost[found] == id else { continue }
        labels[found].append(
          name: bytes.extracting(entry.name), value: bytes.extracting(entry.value))
      }
    }
    for (position, id) in lost.enumerated() {
      let known = position < labels.count && !labels[position].isEmpty ? labels[position] : nil
      series.append(Series(labels: known, offset: Int(id) * unit))
    }
    for gap in gaps where !lost.contains(where: { gap.contains(Int($0) * unit) }) {
      unexplainedBytes += gap.count
    }
  }
}
