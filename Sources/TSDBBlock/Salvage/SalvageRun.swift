/// The state of a running ``BlockSalvage``: first what there is to read, then the series one by one,
/// see `SalvageRun+Saving.swift`.
struct SalvageRun {
  let directory: String
  let keepsOutsideSamples: Bool
  let meta: SalvagedMeta
  var report: SalvageReport

  var index: SalvagedIndex?
  var version: UInt8 = 2
  var labels: SalvagedLabels?
  /// Entries with labels, in the order of these.
  var order = SeriesOrder()
  /// Entries of all kinds, in the order of the file.
  private(set) var places: [SeriesHunt.Place] = []
  var segments = SalvagedSegments()
  var claims = ChunkClaims(segmentLimit: 0)
  /// Records that several series claim.
  var contested: Set<ChunkLocation> = []
  var proof = ChunkProof()
  /// Strings that series use, by rank.
  var usedStrings: [Bool] = []
  /// Where the block's range allows samples; nil for everywhere.
  var range: Range<Int64>?
  /// Whether the range of meta.json is not to be believed.
  var isRangeWrong = false

  init(_ directory: String, keepsOutsideSamples: Bool) {
    self.directory = directory
    self.keepsOutsideSamples = keepsOutsideSamples
    meta = SalvagedMeta(directory)
    report = SalvageReport(directory: directory)
    report.source = meta.id
    report.stated = meta.totals
    if meta.meta == nil { report.note("meta.json is unreadable and was made anew") }
  }

  // MARK: Index

  /// Finds the entries and their labels.
  mutating func findSeries() {
    guard let storage = try? ByteStorage(mapping: directory + "/index") else {
      report.note("there is no index; nothing tells which series the chunks belong to")
      let names = (try? FileSystem.names(in: directory + "/chunks")) ?? []
      loseRest(
        bytes: names.reduce(0) { $0 + (FileSystem.fileSize("\(directory)/chunks/\($1)") ?? 0) })
      return
    }
    let index = SalvagedIndex(ByteSlice(storage))
    self.index = index
    if index.tableOfContents == nil { report.note("the index has no table of contents any more") }
    let hunt = chooseVersion(index)
    version = hunt.version
    places = hunt.places
    if labels == nil {
      report.note("neither the symbols nor the postings offset table are intact: no labels")
    } else if labels?.isFromPostings == true {
      report.note("the symbols are damaged; labels were taken from the postings")
    }
    report.found.series = places.count
    noteGaps(hunt, index)
    usedStrings = [Bool](repeating: false, count: labels?.strings.count ?? 0)
    sortSeries(index)
  }

  /// Tries the version of the header, and the other one when that leaves series without labels.
  private mutating func chooseVersion(_ index: SalvagedIndex) -> SeriesHunt {
    var best: (hunt: SeriesHunt, labels: SalvagedLabels?, resolved: Int)?
    let first = index.statedVersion ?? 2
    for version in [first, 3 - first] {
      var hunt = SeriesHunt(version: version)
      hunt.run(index.file.bytes, from: index.seriesStart, until: index.seriesEnd)
      let labels =
        SalvagedLabels.symbols(of: index, version: version)
        ?? SalvagedLabels.postings(of: index, version: version, hunt.places)
      let resolved = resolvable(hunt, labels, index)
      if resolved > best?.resolved ?? -1 { best = (hunt, labels, resolved) }
      if resolved == hunt.places.count, hunt.gaps.isEmpty { break }
    }
    guard let best else { return SeriesHunt(version: first) }
    labels = best.labels
    if best.hunt.version != index.statedVersion {
      report.note(
        "the version in the index header is wrong; series are of version \(best.hunt.version)")
    }
    return best.hunt
  }

  /// How many of the entries get labels.
  private func resolvable(
    _ hunt: SeriesHunt, _ labels: SalvagedLabels?, _ index: SalvagedIndex
  ) -> Int {
    guard let labels else { return 0 }
    var entry = SalvagedEntry()
    var count = 0
    for place in hunt.places {
      guard entry.read(place, index, hunt.version, labels) else { continue }
      if entry.flaw == nil { count += 1 }
    }
    return count
  }

  /// Reads every entry once: labels, their order, and where chunks are said to be.
  private mutating func sortSeries(_ index: SalvagedIndex) {
    let opened = SalvagedSegments.open(directory)
    segments = opened.0
    for problem in opened.problems { report.note(problem) }
    claims = ChunkClaims(segmentLimit: segments.numberLimit)
    guard let labels else {
      loseAll(index)
      return
    }
    var entry = SalvagedEntry()
    var (inside, outside) = (0, 0)
    for place in places {
      guard entry.read(place, index, version, labels) else { continue }
      report.found.chunks += entry.chunks.count
      claims.add(entry.chunks)
      if let flaw = entry.flaw {
        report.lose(entry.loss(flaw, labels.strings))
        continue
      }
      for label in entry.labels {
        usedStrings[Int(label.name)] = true
        usedStrings[Int(label.value)] = true
      }
      for chunk in entry.chunks {
        if meta.range?.holds(chunk.minTime, chunk.maxTime) == true {
          inside += 1
        } else {
          outside += 1
        }
      }
      order.append(place, entry.labels)
    }
    chooseRange(inside, outside)
    let version = version
    order.sort { place, ranks in
      if entry.read(place, index, version, labels) { ranks = entry.labels }
    }
  }

  private mutating func loseAll(_ index: SalvagedIndex) {
    var entry = SalvagedEntry()
    for place in places {
      guard entry.read(place, index, version, nil) else { continue }
      report.found.chunks += entry.chunks.count
      report.lose(entry.loss(.unproven, nil))
    }
  }

  private mutating func chooseRange(_ inside: Int, _ outside: Int) {
    guard !keepsOutsideSamples, outside > 0, let range = meta.range else { return }
    if outside * 20 <= inside + outside {
      // Aggregates cannot be cut.
      if meta.meta?.resolution == 0 { self.range = range }
    } else {
      isRangeWrong = true
      report.note(
        "meta.json's range from \(range.lowerBound) to \(range.upperBound) leaves out \(outside) "
          + "of \(inside + outside) chunks: it was taken for wrong and made anew")
    }
  }

  // MARK: Segments

  /// Finds the files of the segments, and records that several series claim.
  mutating func findSegments() {
    let shared = claims.finish()
    for note in segments.assign(claims, &proof) { report.note(note) }
    guard !shared.isEmpty, let index, let labels else { return }
    var owners: [ChunkLocation: [LabelReference]] = [:]
    var entry = SalvagedEntry()
    for place in places {
      guard entry.read(place, index, version, labels) else { continue }
      for chunk in entry.chunks where shared.contains(chunk.location) {
        guard case .proven? = examine(chunk) else { continue }
        // Of series without labels of their own nobody knows whether they are the same.
        let owner = entry.flaw == nil ? entry.labels : []
        if let other = owners[chunk.location], other != owner || owner.isEmpty {
          contested.insert(chunk.location)
        }
        owners[chunk.location] = owner
      }
    }
  }

  /// What the record of a chunk proves; nil when there is none with a right checksum.
  mutating func examine(_ chunk: ChunkSpan) -> ChunkProof.Verdict? {
    guard let file = segments.file(of: chunk.location),
      let record = SalvagedSegments.record(
        file.slice.bytes, at: chunk.location.offset, next: claims.next(behind: chunk.location))
    else { return nil }
    return proof.examine(file.slice, record, chunk)
  }
}
