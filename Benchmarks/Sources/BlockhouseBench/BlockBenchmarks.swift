internal import Glibc
internal import TSDBBlock

/// Blocks of 100,000 series in `BLOCKHOUSE_BENCH_DIR` (default `/tmp/blockhouse-bench`), made at
/// the first run and kept.
func benchmarkBlocks() throws -> (shape: BlockShape, directories: [String]) {
  let parent = environment("BLOCKHOUSE_BENCH_DIR") ?? "/tmp/blockhouse-bench"
  mkdir(parent, 0o777)
  let shape = BlockShape(seriesCount: 100_000)
  return (shape, try (0..<4).map { try shape.write(block: $0, in: parent) })
}

/// Makes the blocks that `compact.sh` works on, and measures nothing: four of 2 hours, a replica of
/// the first, one of 8 hours, and one of a million series with a sample a minute.
func makeBlocks() throws -> [Measurement] {
  let (shape, directories) = try benchmarkBlocks()
  let parent = String(directories[0].dropLast(27))
  _ = try shape.write(block: 0, in: parent, lateness: 7_000)
  _ = try eightHours(directories, in: parent)
  let million = parent + "/million"
  guard access(million, F_OK) != 0 else { return [] }
  let made = try BlockShape(seriesCount: 1_000_000, step: 60_000).write(block: 9, in: parent)
  guard rename(made, million) == 0 else { throw BlockError(.unwritable, path: million) }
  return []
}

/// The four blocks as one.
private func eightHours(_ directories: [String], in parent: String) throws -> String {
  let parts = try directories.map { try BlockReader(directory: $0) }
  let merged = parent + "/eight-hours"
  guard access(merged, F_OK) != 0, let first = parts.first?.meta, let last = parts.last?.meta else {
    return merged
  }
  let writer = try BlockWriter(directory: merged)
  _ = try BlockMerge(inputs: parts, range: first.minTime...last.maxTime - 1).run(into: writer)
  var meta = BlockMeta(id: first.id, minTime: first.minTime, maxTime: last.maxTime)
  meta.stats = writer.stats
  try writer.publish(meta)
  return merged
}

private func environment(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}

/// Opening an index and choosing series by postings, 100,000 series.
func indexBenchmarks() throws -> [Measurement] {
  let directory = try benchmarkBlocks().directories[0]
  var results = [
    try measure("open a block, nothing read", unit: "block", unitsPerRound: 1) {
      UInt64(try BlockReader(directory: directory).index.version)
    },
    try measure("open and scan symbols and offsets", unit: "block", unitsPerRound: 1) {
      let index = try BlockReader(directory: directory).index
      return UInt64(try index.symbols.count + index.labelNames().count)
    },
  ]
  let index = try BlockReader(directory: directory).index
  let selectors: [(String, [LabelMatcher])] = [
    ("one metric, 200 series", [try LabelMatcher(.equal, "__name__", "metric_10007_total")]),
    (
      "one metric, pod!=\"\"",
      [
        try LabelMatcher(.equal, "__name__", "metric_10007_total"),
        try LabelMatcher(.notEqual, "pod", ""),
      ]
    ),
    (
      "one metric, instance=~\"10.0.100.1.*\"",
      [
        try LabelMatcher(.equal, "__name__", "metric_10007_total"),
        try LabelMatcher(.regex, "instance", "10.0.100.1.*"),
      ]
    ),
    ("job=\"job-3\", 5,000 series", [try LabelMatcher(.equal, "job", "job-3")]),
    (
      "job=\"job-3\", zone!=\"zone-1\"",
      [try LabelMatcher(.equal, "job", "job-3"), try LabelMatcher(.notEqual, "zone", "zone-1")]
    ),
    ("all series", []),
  ]
  for (name, matchers) in selectors {
    results.append(
      try measure("select \(name)", unit: "call", unitsPerRound: 1) {
        UInt64(try index.select(matchers).ids.count)
      })
  }
  return results
}

/// Every chunk of a block: checksums alone, and with all samples decoded.
func verifyBenchmarks() throws -> [Measurement] {
  let (shape, directories) = try benchmarkBlocks()
  let block = try BlockReader(directory: directories[0])
  let ids = try block.index.allPostings()
  func walk(_ body: (ChunkLocation) throws -> Void) throws {
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    for id in ids {
      labels.removeAll(keepingCapacity: true)
      chunks.removeAll(keepingCapacity: true)
      try block.index.appendSeries(id, labels: &labels, chunks: &chunks)
      for chunk in chunks { try body(chunk.location) }
    }
  }
  let chunks = try block.chunks
  var columns = SampleColumns()
  return [
    try measure(
      "checksum every chunk", unit: "sample", unitsPerRound: shape.samplesPerBlock, maxRounds: 5
    ) {
      var check: UInt64 = 0
      try walk { check &+= UInt64(try chunks.record(at: $0).checksum) }
      return check
    },
    try measure(
      "checksum and decode every chunk", unit: "sample", unitsPerRound: shape.samplesPerBlock,
      maxRounds: 5
    ) {
      var check: UInt64 = 0
      try walk { location in
        columns.removeAll()
        try chunks.appendSamples(at: location, to: &columns)
        check &+= columns.values[columns.count - 1]
      }
      return check
    },
  ]
}

/// Four 2-hour blocks of 100,000 series into one of 8 hours, written to disk and synced.
func mergeBenchmarks() throws -> [Measurement] {
  let (shape, directories) = try benchmarkBlocks()
  let inputs = try directories.map { try BlockReader(directory: $0) }
  guard let first = inputs.first?.meta, let last = inputs.last?.meta else { return [] }
  let output = "/tmp/blockhouse-bench-merged"
  return [
    try measure(
      "merge four blocks, no overlap", unit: "sample", unitsPerRound: 4 * shape.samplesPerBlock,
      maxRounds: 3
    ) {
      try runShell("rm -rf \(output)")
      let writer = try BlockWriter(directory: output)
      let merge = BlockMerge(inputs: inputs, range: first.minTime...last.maxTime - 1)
      let summary = try merge.run(into: writer)
      var meta = BlockMeta(id: first.id, minTime: first.minTime, maxTime: last.maxTime)
      meta.stats = writer.stats
      try writer.publish(meta)
      return summary?.series ?? 0
    },
    try measure(
      "read the result back and check it", unit: "sample",
      unitsPerRound: 4 * shape.samplesPerBlock, maxRounds: 3
    ) {
      try BlockVerification.read(directory: output)?.series ?? 0
    },
  ]
}

/// Two replicas of 2 hours, 7 s apart, into one block: decoded, merged, encoded anew, written. The
/// second pair misses every fiftieth scrape, each replica another one.
func replicaBenchmarks() throws -> [Measurement] {
  let (shape, directories) = try benchmarkBlocks()
  let parent = String(directories[0].dropLast(27))
  let healthy = [
    try BlockReader(directory: directories[0]),
    try BlockReader(directory: try shape.write(block: 0, in: parent, lateness: 7_000)),
  ]
  let failing = [
    try BlockReader(
      directory: try shape.write(block: 0, in: parent, lateness: 1, missingEach: 50)),
    try BlockReader(
      directory: try shape.write(block: 0, in: parent, lateness: 7_013, missingEach: 50)),
  ]
  let runs: [(String, OverlapPolicy, [BlockReader])] = [
    ("chain", .chain, healthy), ("penalty", .penalty, healthy), ("lossless", .lossless, healthy),
    ("penalty, scrapes fail", .penalty, failing), ("lossless, scrapes fail", .lossless, failing),
  ]
  return try runs.map { name, policy, inputs in
    let output = "/tmp/blockhouse-bench-replicas"
    return try measure(
      "merge two replicas, \(name)", unit: "sample",
      unitsPerRound: Int(inputs[0].meta.stats.samples + inputs[1].meta.stats.samples),
      maxRounds: 3
    ) {
      try runShell("rm -rf \(output)")
      let writer = try BlockWriter(directory: output)
      let range = inputs[0].meta.minTime...inputs[1].meta.maxTime
      let summary = try BlockMerge(inputs: inputs, range: range, overlaps: policy)
        .run(into: writer)
      try writer.publish(
        BlockMeta(id: .zero, minTime: range.lowerBound, maxTime: range.upperBound + 1))
      return summary?.fingerprint.samples ?? 0
    }
  }
}

/// A raw block of 8 hours at five minutes, written, and one of a million series with few samples.
func downsampleBenchmarks() throws -> [Measurement] {
  let (_, directories) = try benchmarkBlocks()
  _ = try makeBlocks()
  let parent = String(directories[0].dropLast(27))
  let output = "/tmp/blockhouse-bench-downsampled"
  let blocks = [
    ("of 8 hours", try eightHours(directories, in: parent)), ("of a million", parent + "/million"),
  ]
  return try blocks.map { name, directory in
    let input = try BlockReader(directory: directory)
    return try measure(
      "raw to 5 minutes, \(name)", unit: "sample",
      unitsPerRound: Int(input.meta.stats.samples), maxRounds: 3
    ) {
      try runShell("rm -rf \(output)")
      let writer = try BlockWriter(directory: output)
      _ = try BlockDownsample(input: input, resolution: 300_000).run(into: writer)
      try writer.publish(
        BlockMeta(id: .zero, minTime: input.meta.minTime, maxTime: input.meta.maxTime))
      return writer.stats.samples
    }
  }
}

private func runShell(_ command: String) throws {
  guard system(command) == 0 else { throw BlockError(.unwritable, detail: command) }
}
