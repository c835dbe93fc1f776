/// A block under construction, or the count of what would be in it.
struct SeriesSaving {
  private let strings: SalvagedStrings
  private let used: [Bool]
  private(set) var writer: BlockWriter?
  /// Places of the used strings in the new symbol table, by rank.
  private var ordinals: [UInt32] = []
  private var settling = SalvagedSeries()

  /// The series under way: entries with these labels, and what was found of their chunks.
  private var labels: [LabelReference] = []
  private var ids: [UInt32] = []
  private var chunks: [SalvagedChunk] = []

  var oldTombstones = Tombstones()
  private(set) var newTombstones = Tombstones()
  private(set) var minTime: Int64?
  private(set) var maxTime: Int64?
  /// Where the last chunk begins.
  private(set) var lastStart = Int64.min
  /// Of downsampled chunks, by the distance of their samples; 0 when there are none.
  private(set) var resolution: Int64 = 0

  init(_ strings: SalvagedStrings, _ used: [Bool], range: Range<Int64>?) {
    self.strings = strings
    self.used = used
    settling.range = range
  }

  /// Makes the files and writes the symbols.
  mutating func open(_ output: String) throws(BlockError) {
    let writer = try BlockWriter(directory: output)
    self.writer = writer
    ordinals = [UInt32](repeating: 0, count: strings.count)
    // The empty string belongs to the list of all series; Prometheus writes it too.
    try writer.addSymbol([])
    var next: UInt32 = 1
    let file = strings.file
    let bytes = file.bytes
    for rank in used.indices where used[rank] {
      let symbol = bytes.extracting(strings.range(rank))
      guard symbol.byteCount > 0 else { continue }
      try writer.addSymbol(symbol)
      ordinals[rank] = next
      next += 1
    }
  }

  /// Begins an entry; it goes on with the series before it when it has the same labels.
  mutating func begin(
    _ entry: SalvagedEntry, _ report: inout SalvageReport
  ) throws(BlockError) {
    if !ids.isEmpty, entry.labels == labels {
      report.mergedSeries += 1
    } else {
      try flush(&report)
      labels = entry.labels
    }
    ids.append(entry.id)
  }

  mutating func add(_ chunk: SalvagedChunk) { chunks.append(chunk) }

  /// Writes the series under way.
  mutating func flush(_ report: inout SalvageReport) throws(BlockError) {
    defer {
      ids.removeAll(keepingCapacity: true)
      chunks.removeAll(keepingCapacity: true)
    }
    guard !chunks.isEmpty else { return }
    let outcome = settling.settle(chunks)
    report.duplicateSamples += outcome.duplicates
    report.conflictingSamples += outcome.conflicts
    report.outsideSamples += outcome.outside
    for chunk in outcome.overlapping {
      report.found.samples -= chunk.sampleCount
      report.lose(
        SalvageReport.Loss(
          reason: .chunkOverlap, isSeries: false, labels: strings.labels(labels),
          times: chunk.minTime...chunk.maxTime, samples: chunk.sampleCount, path: "chunks",
          offset: chunk.location.offset))
    }
    guard !outcome.chunks.isEmpty else { return }
    count(outcome.chunks, &report)
    guard let writer else { return }
    writer.beginSeries(payloadByteCounts: outcome.chunks.map(\.byteCount))
    for chunk in outcome.chunks {
      try chunk.withPayload { (payload) throws(BlockError) in
        try writer.appendChunk(
          minTime: chunk.minTime, maxTime: chunk.maxTime, encoding: chunk.encoding.rawValue,
          payload: payload, checksum: chunk.checksum)
      }
    }
    let new = labels.map {
      LabelReference(name: ordinals[Int($0.name)], value: ordinals[Int($0.value)])
    }
    try writer.endSeries(labels: new)
    for id in ids {
      for deletion in oldTombstones.intervals(ofSeries: id) {
        newTombstones.delete(deletion, ofSeries: writer.lastSeriesID)
      }
    }
  }

  private mutating func count(_ chunks: [MergeChunk], _ report: inout SalvageReport) {
    let file = strings.file
    let bytes = file.bytes
    var hash = LabelHash()
    for label in labels {
      hash.add(XXHash64.hash(bytes.extracting(strings.range(Int(label.name)))))
      hash.add(XXHash64.hash(bytes.extracting(strings.range(Int(label.value)))))
    }
    report.written.series += 1
    report.written.chunks += chunks.count
    for chunk in chunks {
      report.written.samples += chunk.sampleCount
      report.fingerprint.add(
        labels: hash, minTime: chunk.minTime, maxTime: chunk.maxTime, checksum: chunk.checksum,
        samples: chunk.sampleCount)
      minTime = min(minTime ?? chunk.minTime, chunk.minTime)
      maxTime = max(maxTime ?? chunk.maxTime, chunk.maxTime)
      lastStart = max(lastStart, chunk.minTime)
      if chunk.encoding == .aggregate { measure(chunk) }
    }
  }

  /// Samples of one hour stand an hour apart, those of five minutes closer.
  private mutating func measure(_ chunk: MergeChunk) {
    let hour: Int64 = 3_600_000
    let samples = Int64(max(chunk.sampleCount - 1, 1))
    let distance = (chunk.maxTime &- chunk.minTime) / samples
    let guess = distance >= hour ? hour : 300_000
    resolution = resolution == 0 ? guess : min(resolution, guess)
  }
}
