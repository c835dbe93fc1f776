internal import TSDBBlock

/// Writes sorted series as blocks of two hours, all or none.
struct BlockCreation {
  struct Created {
    var id: BlockID
    var minTime: Int64
    var maxTime: Int64
    var stats: BlockMeta.Stats
  }

  let samples: SampleSort
  let blocks: NewBlocks
  /// External labels; with any, the blocks get a Thanos section.
  let externalLabels: [ThanosMeta.Label]

  /// Writes a block for each window that has samples, oldest first.
  ///
  /// - Parameter report: told how many of how many are made.
  func run(_ report: (Int, Int) -> Void) throws(ToolError) -> [Created] {
    let windows = samples.windows
    var created: [Created] = []
    for window in windows {
      created.append(try write(window))
      report(created.count, windows.count)
    }
    try blocks.publish()
    return created
  }

  private func write(_ window: Int64) throws(ToolError) -> Created {
    let id = BlockID.make(now: currentMilliseconds())
    let directory = try blocks.directory()
    let symbols = try symbols(of: window)
    let writer = try ToolError.telling { () throws(BlockError) in
      try BlockWriter(directory: "\(directory)/\(id)")
    }
    let ordinals = try ToolError.telling { () throws(BlockError) in
      try writer.addSymbols(symbols)
    }
    var series = try samples.series(of: window)
    var (first, last) = (Int64.max, Int64.min)
    while try series.advance(readsSamples: true) {
      first = min(first, series.samples.timestamps.first ?? .max)
      last = max(last, series.samples.timestamps.last ?? .min)
      try ToolError.telling { () throws(BlockError) in
        try writer.addSeries(series.labels, ordinals, series.samples)
      }
    }
    let created = Created(
      id: id, minTime: first, maxTime: last == .max ? last : last + 1, stats: writer.stats)
    try ToolError.telling { () throws(BlockError) in try writer.publish(meta(of: created)) }
    try verify(created, in: "\(directory)/\(id)")
    blocks.add(id)
    return created
  }

  /// Reads a block back, and has meta.json tell what Thanos wants to know of its index.
  private func verify(_ created: Created, in directory: String) throws(ToolError) {
    let found = try ToolError.telling { () throws(BlockError) in
      try BlockVerification.read(directory: directory, threads: processorCount())
    }
    guard let found, found.series == created.stats.series,
      found.fingerprint.samples == created.stats.samples,
      found.fingerprint.chunks == created.stats.chunks
    else { throw ToolError(notHolding: directory) }
    guard !externalLabels.isEmpty else { return }
    var meta = meta(of: created)
    meta.thanos?.indexStats = found.indexStats
    try ToolError.telling { [meta] () throws(BlockError) in
      try BlockWriter.replaceMeta(meta, in: directory)
    }
  }

  private func symbols(of window: Int64) throws(ToolError) -> BlockWriter.Symbols {
    var symbols = BlockWriter.Symbols()
    var series = try samples.series(of: window)
    while try series.advance(readsSamples: false) { symbols.insert(series.labels) }
    return symbols
  }

  private func meta(of created: Created) -> BlockMeta {
    var meta = BlockMeta(id: created.id, minTime: created.minTime, maxTime: created.maxTime)
    meta.stats = created.stats
    meta.compaction.sources = [created.id]
    if !externalLabels.isEmpty {
      var thanos = ThanosMeta()
      thanos.version = 1
      thanos.labels = externalLabels
      thanos.source = "blocktool"
      meta.thanos = thanos
    }
    return meta
  }
}
