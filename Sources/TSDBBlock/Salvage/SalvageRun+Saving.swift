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
    if case .kept(let count) = report.deletions, count < saving.oldTombstones.count {
      report.note(
        "\(saving.oldTombstones.count - count) deletions belong to series that are lost or moved")
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
