/// Series whose entries are damaged, as far as the postings know them.
struct LostSeries {
  struct Series {
    var labels: LabelSet?
    var offset: Int
  }

  private(set) var series: [Series] = []
  /// Bytes of damaged entries that no list names.
  private(set) var unexplainedBytes = 0

  /// Bytes of an entry with a label and without chunks: length, four numbers, checksum.
  private static let smallestEntry = 9

  /// Labels are looked for of so many.
  private static let labelLimit = 1000

  /// - Parameters:
  ///   - damaged: bytes that were entries.
  ///   - gaps: bytes that may have been, increasing.
  init(
    _ index: SalvagedIndex, _ version: UInt8, _ damaged: ArraySlice<Range<Int>>,
    _ gaps: [Range<Int>]
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
    for gap in damaged where gap.count >= Self.smallestEntry {
      let next = lost.partitioned { Int($0) * unit < gap.lowerBound }
      if next < lost.count, gap.contains(Int(lost[next]) * unit) { continue }
      unexplainedBytes += gap.count
    }
  }
}

extension SalvageRun {
  /// Notes what series left behind where their entries are damaged.
  mutating func noteGaps(_ hunt: SeriesHunt, _ index: SalvagedIndex) {
    var gaps = hunt.gaps
    let isOpen = index.tableOfContents == nil
    // Without the parts around the series nobody knows that these bytes belonged to series.
    if isOpen, index.symbols == nil, let first = gaps.first,
      first.lowerBound <= IndexFormat.seriesAlignment
    {
      gaps.removeFirst()
    }
    if let last = gaps.last, !isOpen, last.lowerBound >= index.statedSeriesEnd {
      gaps.removeLast()
    }
    // What follows the last entry need not be series.
    var rest = 0
    var hasRest = false
    if let last = gaps.last, isOpen, last.upperBound == index.seriesEnd {
      hasRest = true
      if index.postingsTable == nil { rest = last.count }
    }
    let lost = LostSeries(index, version, hasRest ? gaps.dropLast() : gaps[...], gaps)
    for series in lost.series {
      report.lose(
        SalvageReport.Loss(
          reason: .seriesDamaged, isSeries: true, labels: series.labels, path: "index",
          offset: series.offset))
    }
    report.lost.seriesBytes = lost.unexplainedBytes
    if !gaps.isEmpty || isOpen { loseRest(bytes: rest) }
  }

  /// Counts series of which nothing is left but their number in meta.json, or not even that.
  mutating func loseRest(bytes: Int) {
    guard let stated = report.stated?.series else {
      report.lost.seriesBytes += bytes
      return
    }
    let missing = stated - report.found.series - report.lost.series
    guard missing > 0 else { return }
    report.lost.series += missing
    report.lossCounts[.seriesDamaged, default: 0] += missing
  }
}
