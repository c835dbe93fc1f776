/// The series entries: a window of them is found by their lengths, then read in slices on all
/// threads. Where one is damaged, the next good one is searched for.
///
///     │ entry │ entry │ entry │ ??? │ entry │ entry │
///     └──────── window ───────┘ ^stop    └─ window ─┘
///      slice 0 │ slice 1 │ …     search
extension BlockScanner {
  // Small behind damage, so that many damages do not have many entries read in vain.
  private static let smallestWindow = 16
  private static let largestWindow = 16_384
  private static let slicesPerThread = 4

  mutating func scanSeries(_ context: ScanContext) {
    let bytes = context.index.bytes
    // What a table of contents says may be anything.
    let start = min(
      symbols.end ?? tableOfContents?.series ?? IndexFormat.headerByteCount, bytes.byteCount)
    if let stated = tableOfContents?.series, let end = symbols.end, stated != end {
      scan.log.report(
        .indexTableOfContents, Self.indexPath, "table of contents",
        "says that series begin at \(stated); symbols end at \(end)")
    }
    let end = seriesEnd(from: start, fileSize: bytes.byteCount)
    var position = context.aligned(start)
    var lastEnd = start
    var window = Self.smallestWindow
    while position < end {
      let offsets = entries(context, from: position, before: end, limit: window)
      let read = readSeries(context, offsets, before: end)
      if read > 0, let body = context.body(at: offsets[read - 1], before: end) {
        lastEnd = body.upperBound + 4
        position = context.aligned(lastEnd)
      }
      if read > 0, read == offsets.count {
        window = min(2 * window, Self.largestWindow)
        continue
      }
      window = Self.smallestWindow
      if let next = nextEntry(context, after: position, before: end) {
        reportDamage(position..<next)
        position = next
      } else {
        // With a table of contents everything up to `end` should be entries.
        let rest = bytes.extracting(position..<end)
        if tableOfContents != nil, !isZero(rest) || rest.byteCount >= IndexFormat.seriesAlignment {
          reportDamage(position..<end)
          lastEnd = end
        }
        break
      }
    }
    series.number()
    addSection(
      "series", start..<max(start, lastEnd), entries: series.series.count,
      series.damaged.isEmpty ? .ok : .damaged)
    scan.contents.series = series.series.count
    scan.contents.labelPairs = series.labels.count
  }

  /// The next part behind `start` that the table of contents knows, or the end of the file.
  private func seriesEnd(from start: Int, fileSize: Int) -> Int {
    guard let toc = tableOfContents else { return fileSize }
    let limit = fileSize - IndexFormat.tableOfContentsByteCount
    let parts = [toc.labelIndices, toc.labelOffsetTable, toc.postings, toc.postingsOffsetTable]
    return min(parts.filter { $0 > start }.min() ?? limit, limit)
  }

  // MARK: Windows

  /// Where entries stand from `position` on, if their lengths are right.
  private func entries(
    _ context: ScanContext, from position: Int, before end: Int, limit: Int
  ) -> [Int] {
    var offsets: [Int] = []
    offsets.reserveCapacity(limit)
    var position = position
    while offsets.count < limit, position < end,
      let body = context.body(at: position, before: end)
    {
      offsets.append(position)
      position = context.aligned(body.upperBound + 4)
    }
    return offsets
  }

  /// Reads the entries at `offsets` up to the first that is none.
  ///
  /// - Returns: how many were read.
  private mutating func readSeries(
    _ context: ScanContext, _ offsets: [Int], before end: Int
  ) -> Int {
    let sliceCount = min(threads == 1 ? 1 : threads * Self.slicesPerThread, offsets.count)
    let previous = series.lastLabels
    let slices = Parallel.map(sliceCount, threads: threads) { number in
      let range =
        offsets.count * number / sliceCount..<offsets.count * (number + 1) / sliceCount
      var slice = SeriesScan(context)
      slice.read(offsets, range, before: end, previous: previous)
      return slice
    }
    var read = 0
    for slice in slices {
      append(slice)
      read += slice.readCount
      if slice.isStopped { break }
    }
    return read
  }

  private mutating func append(_ slice: SeriesScan) {
    series.append(slice.series, labels: slice.labels)
    series.damaged += slice.damaged
    scan.log.append(slice.log)
    scan.contents.add(slice.contents)
    extents.append(slice.extents)
  }

  // MARK: Damage

  private func nextEntry(
    _ context: ScanContext, after position: Int, before end: Int
  ) -> Int? {
    let step = context.seriesUnit
    var candidate = position + step
    while candidate < end {
      if isPlausible(context, at: candidate, before: end),
        context.entry(at: candidate, before: end) != nil
      {
        return candidate
      }
      candidate += step
    }
    return nil
  }

  /// Whether an entry may begin here: so that a checksum is not computed over the megabytes that
  /// chance takes for a length.
  private func isPlausible(_ context: ScanContext, at position: Int, before end: Int) -> Bool {
    var cursor = ByteDecoder(context.index.bytes.extracting(0..<end), at: position)
    do throws(DecodeError) {
      let length = try cursor.count()
      let labels = try cursor.uvarint()
      guard labels >= 1, labels <= UInt64(length / 2) else { return false }
      guard symbols.isIntact else { return true }
      for _ in 0..<min(labels, 4) {
        guard let name = UInt32(exactly: try cursor.uvarint()),
          let value = UInt32(exactly: try cursor.uvarint()),
          context.ordinal(of: name) != nil, context.ordinal(of: value) != nil
        else { return false }
      }
      return true
    } catch {
      return false
    }
  }

  private func isZero(_ bytes: RawSpan) -> Bool {
    for offset in 0..<bytes.byteCount where bytes.byte(at: offset) != 0 { return false }
    return true
  }

  private mutating func reportDamage(_ range: Range<Int>) {
    series.damaged.append(range)
    scan.log.report(
      .seriesEntry, Self.indexPath, "series", at: range.lowerBound,
      "no series with a right checksum in the \(range.count) bytes up to \(range.upperBound)")
  }
}

extension BlockScan.Contents {
  /// Adds what a part of the block holds.
  fileprivate mutating func add(_ other: Self) {
    chunks += other.chunks
    samples += other.samples
    if let time = other.minTime { minTime = min(minTime ?? time, time) }
    if let time = other.maxTime { maxTime = max(maxTime ?? time, time) }
    for one in other.encodings { add(one) }
    encodings.sort { $0.encoding.rawValue < $1.encoding.rawValue }
  }
}

extension BlockScan.Contents {
  mutating func add(_ other: Encoding) {
    // There are seven.
    let place = encodings.firstIndex { $0.encoding == other.encoding } ?? encodings.count
    if place == encodings.count { encodings.append(Encoding(encoding: other.encoding)) }
    encodings[place].chunks += other.chunks
    encodings[place].samples += other.samples
    encodings[place].bytes += other.bytes
  }
}
