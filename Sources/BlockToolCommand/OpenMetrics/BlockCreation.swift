internal import TSDBBlock

/// Writes sorted series as blocks of two hours, aligned as Prometheus aligns them.
struct BlockCreation {
  struct Created {
    var id: BlockID
    var minTime: Int64
    var maxTime: Int64
    var stats: BlockMeta.Stats
  }

  static let blockRange: Int64 = 2 * 3_600_000

  let series: [OpenMetricsReader.Series]
  /// External labels; with any, the blocks get a Thanos section.
  let externalLabels: [ThanosMeta.Label]
  let directory: String

  /// Writes a block for each window that has samples, oldest first.
  func run(_ tell: (Created) throws -> Void) throws {
    var windows: Set<Int64> = []
    for one in series {
      for time in one.samples.timestamps { windows.insert(Self.window(of: time)) }
    }
    for window in windows.sorted() { try tell(try write(window)) }
  }

  /// The start of the window that `time` lies in, also before 1970.
  static func window(of time: Int64) -> Int64 {
    let rest = time % blockRange
    let (start, isBeforeAll) = time.subtractingReportingOverflow(
      rest < 0 ? rest + blockRange : rest)
    return isBeforeAll ? .min : start
  }

  private struct Part {
    var labels: LabelSet
    var samples: SampleColumns
    var range: Range<Int>
  }

  private func write(_ window: Int64) throws -> Created {
    let parts = series.compactMap { one -> Part? in
      let times = one.samples.timestamps
      let start = Self.lowerBound(times, window)
      // Behind the last window a sum would overflow; there the rest belongs to it.
      let (end, isLast) = window.addingReportingOverflow(Self.blockRange)
      let stop = isLast ? times.count : Self.lowerBound(times, end)
      return start < stop
        ? Part(labels: one.labels, samples: one.samples, range: start..<stop) : nil
    }
    let id = BlockID.make(now: currentMilliseconds())
    let leftover = Leftover("\(directory)/\(id).tmp-for-creation")
    defer { leftover.keep() }
    let writer = try BlockWriter(directory: "\(directory)/\(id)")
    let ordinals = try writer.addSymbols(of: parts.map(\.labels))
    for part in parts {
      try writer.addSeries(part.labels, ordinals, part.samples, in: part.range)
    }
    return try publish(id, parts, writer)
  }

  private func publish(
    _ id: BlockID, _ parts: [Part], _ writer: BlockWriter
  ) throws(BlockError) -> Created {
    let first = parts.map { $0.samples.timestamps[$0.range.lowerBound] }.min() ?? 0
    let last = parts.map { $0.samples.timestamps[$0.range.upperBound - 1] }.max() ?? 0
    var meta = BlockMeta(id: id, minTime: first, maxTime: last == .max ? last : last + 1)
    meta.stats = writer.stats
    meta.compaction.sources = [id]
    if !externalLabels.isEmpty {
      var thanos = ThanosMeta()
      thanos.version = 1
      thanos.labels = externalLabels
      thanos.source = "blocktool"
      meta.thanos = thanos
    }
    try writer.publish(meta)
    return Created(id: id, minTime: first, maxTime: meta.maxTime, stats: writer.stats)
  }

  /// The first place whose time is not before `time`.
  private static func lowerBound(_ times: [Int64], _ time: Int64) -> Int {
    var low = 0
    var high = times.count
    while low < high {
      let middle = (low + high) / 2
      if times[middle] < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
