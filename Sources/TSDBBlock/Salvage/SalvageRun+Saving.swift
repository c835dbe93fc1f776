/// The series one by one, in the order of their labels, into the new block.
extension SalvageRun {
  private static let seriesPerReport = 256

  /// - Returns: false when `report` stopped it.
  mutating func save(
    to output: String?, _ id: BlockID, _ proceed: (BlockSalvage.Progress) -> Bool
  ) throws(BlockError) -> Bool {
    guard let index, let labels, !order.places.isEmpty else { return true }
    var saving = SeriesSaving(labels.strings, usedStrings, range: range)
    if let output { try saving.open(output) }
    readTombstones(into: &saving)
    var entry = SalvagedEntry()
    for (number, place) in order.places.enumerated() {
      if number % Self.seriesPerReport == 0,
        !proceed(
          BlockSalvage.Progress(
            readSeries: number, totalSeries: order.places.count,
            writtenSamples: UInt64(report.written.samples)))
      {
        return false
      }
      guard entry.read(place, index, version, labels) else { continue }
      try saving.begin(entry, &report)
      for chunk in entry.chunks { save(chunk, entry, labels.strings, &saving) }
    }
    try saving.flush(&report)
    try publish(&saving, id)
    return true
  }

  private mutating func save(
    _ chunk: ChunkSpan, _ entry: SalvagedEntry, _ strings: SalvagedStrings,
    _ saving: inout SeriesSaving
  ) {
    let place = chunk.location
    guard let file = segments.file(of: place) else {
      lose(chunk, .segmentMissing, nil, entry, strings, "chunks")
      return
    }
    switch examine(chunk) {
    case nil:
      let isCut = place.offset >= file.slice.count
      lose(
        chunk, isCut ? .chunkCut : .chunkDamaged, isCut ? nil : claimedCount(place, file), entry,
        strings, file.path)
    case .refuted(let reason, let samples):
      lose(chunk, reason, samples, entry, strings, file.path)
    case .proven(let found):
      guard !contested.contains(place) else {
        lose(chunk, .chunkShared, found.merge.sampleCount, entry, strings, file.path)
        return
      }
      report.found.samples += found.merge.sampleCount
      saving.add(found)
    }
  }

  private mutating func lose(
    _ chunk: ChunkSpan, _ reason: SalvageReport.Loss.Reason, _ samples: Int?,
    _ entry: SalvagedEntry, _ strings: SalvagedStrings, _ path: String
  ) {
    // Beyond the limit a loss is only counted, and labels would be built for nothing.
    let isKept = report.losses.count < SalvageReport.lossLimit
    report.lose(
      SalvageReport.Loss(
        reason: reason, isSeries: false, labels: isKept ? strings.labels(entry.labels) : nil,
        times: chunk.minTime <= chunk.maxTime ? chunk.minTime...chunk.maxTime : nil,
        samples: samples, path: path, offset: chunk.location.offset))
  }

  /// How many samples a record says it holds whose checksum is wrong; nil when it cannot.
  private func claimedCount(_ place: ChunkLocation, _ file: SalvagedSegments.File) -> Int? {
    let bytes = file.slice.bytes
    let end = claims.next(behind: place) ?? bytes.byteCount
    var cursor = ByteDecoder(bytes, at: place.offset)
    guard (try? cursor.uvarint()) != nil, let byte = try? cursor.uint8(),
      cursor.position < end, end <= bytes.byteCount
    else { return nil }
    let encoding = ChunkEncoding(rawValue: byte)
    guard encoding.isKnown, encoding != .aggregate,
      let count = try? encoding.sampleCount(of: bytes.extracting(cursor.position..<end))
    else { return nil }
    // A sample takes two bits at least.
    return count <= 4 * (end - cursor.position) ? count : nil
  }

  // MARK: Tombstones

  private mutating func readTombstones(into saving: inout SeriesSaving) {
    let path = directory + "/" + Tombstones.fileName
    guard FileSystem.exists(path) else {
      if let stated = meta.meta?.stats.tombstones, stated > 0 {
        report.deletions = .lost("the file is missing; meta.json counts \(stated)")
      }
      return
    }
    do throws(BlockError) {
      let storage = try ByteStorage(mapping: path)
      saving.oldTombstones = try Tombstones.salvaged(storage.bytes)
    } catch {
      report.deletions = .lost(error.reason)
    }
  }

  // MARK: Meta

  private mutating func publish(
    _ saving: inout SeriesSaving, _ id: BlockID
  ) throws(BlockError) {
    if case .none = report.deletions, !saving.newTombstones.isEmpty {
      report.deletions = .kept(saving.newTombstones.count)
    }
    guard let first = saving.minTime, let last = saving.maxTime, let writer = saving.writer else {
      return
    }
    let end = last == .max ? last : last + 1
    var range = first..<end
    if let old = meta.range, !isRangeWrong {
      range = old
      if first < old.lowerBound || saving.lastStart >= old.upperBound || last > old.upperBound {
        range = min(old.lowerBound, first)..<max(old.upperBound, end)
        report.note("the block's range was widened to hold all samples")
      }
    }
    let new = meta.renewed(
      id, range, writer, tombstones: saving.newTombstones.count,
      resolution: saving.resolution)
    try writer.publish(new, tombstones: saving.newTombstones)
    report.meta = new
  }
}

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
