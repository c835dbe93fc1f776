internal import IndexCache
internal import TSDBBlock
internal import Telemetry

extension RemoteBlock {
  /// Parts of the index that hold the entries of series: an entry is whole in the last part that
  /// begins at or before it, where `SeriesEntry` decodes it.
  ///
  /// An id behind the end of the index has no part.
  ///
  /// - Parameters:
  ///   - ids: increasing, as `select` returns them; take a few thousand at a time.
  ///   - budget: pays before anything is read.
  ///   - tenant: who asks, for metrics.
  /// - Throws: `RemoteBlockError`. Damaged entries are not an error here.
  public func seriesParts(
    _ ids: some Collection<UInt32>, budget: some FetchCharging, tenant: String
  ) async throws(RemoteBlockError) -> [FetchedPart] {
    let start = ContinuousClock.now
    let metrics = resources.metrics[tenant]
    let header = try await header()
    let offsets = ordered(ids.map { header.seriesOffset($0) })
    let cached = try await cachedSeries(offsets, header, budget, tenant)
    let missing = cached.isEmpty ? offsets : offsets.filter { cached[$0] == nil }
    var parts: [FetchedPart] = []
    if !missing.isEmpty {
      let fetch = RecordFetch(
        reader: resources.reader, object: try objectName("index"),
        byteCount: header.indexByteCount, kind: .series, guess: estimates.seriesByteCount,
        limits: resources.options.rangeLimits)
      let result = try await fetch(missing) { (bytes, isAgain) async throws(RemoteBlockError) in
        try await budget.pay(bytes, for: isAgain ? .seriesRefetch : .series)
      }
      metrics.seriesRefetches.increment(by: result.refetchedRecords)
      budget.statistics?.add(.series) { $0.add(result, recordCount: missing.count) }
      parts = result.parts
      storeSeries(missing, from: parts, tenant)
    }
    if !cached.isEmpty { parts = merged(parts, cached) }
    let duration = start.duration(to: .now)
    metrics.seriesDuration.observe(duration)
    budget.statistics?.add(.series) { $0.duration += duration }
    return parts
  }

  /// Distinct and increasing, also when damage made them otherwise.
  private func ordered(_ offsets: [Int]) -> [Int] {
    let isOrdered = zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 }
    return isOrdered ? offsets : Set(offsets).sorted()
  }

  // MARK: Cache

  /// Bodies by the offset of their entry.
  private func cachedSeries(
    _ offsets: [Int], _ header: IndexHeader, _ budget: some FetchCharging, _ tenant: String
  ) async throws(RemoteBlockError) -> [Int: [UInt8]] {
    guard let cache = resources.cache, !offsets.isEmpty else { return [:] }
    let values = await cache.fetch(
      offsets.map { .series(offset: $0) }, of: id, tenant: tenant)
    // Symbols are numbered in the second version of the format only.
    let symbolCount = header.indexVersion == 1 ? nil : header.symbols.count
    var bodies: [Int: [UInt8]] = [:]
    var byteCount = 0
    for (offset, value) in zip(offsets, values) {
      guard let value, SeriesEntry.isWellFormed(body: value, symbolCount: symbolCount)
      else { continue }
      bodies[offset] = value
      byteCount += value.count
    }
    try await budget.pay(byteCount, for: .cachedSeries)
    let hits = bodies.count
    budget.statistics?.add(.series) { amount in
      amount.touched += hits
      amount.touchedBytes += byteCount
    }
    return bodies
  }

  private func storeSeries(_ offsets: [Int], from parts: [FetchedPart], _ tenant: String) {
    guard let cache = resources.cache else { return }
    var entries: [(item: IndexCacheItem, value: [UInt8])] = []
    entries.reserveCapacity(offsets.count)
    for offset in offsets {
      guard let place = parts.place(holding: offset) else { continue }
      let part = parts[place]
      let slice = part.slice
      let bytes = slice.bytes
      // What is damaged is not kept.
      guard
        let body = try? SeriesEntry.body(
          in: bytes, at: offset - part.fileOffset, fileOffset: part.fileOffset)
      else { continue }
      entries.append((.series(offset: offset), [UInt8](bytes.extracting(body))))
    }
    cache.store(entries, of: id, tenant: tenant)
  }

  /// Adds the entries that came from the cache: those that fetched parts have by chance are left
  /// out, so that an entry stays in the last part before it.
  private func merged(_ parts: [FetchedPart], _ cached: [Int: [UInt8]]) -> [FetchedPart] {
    var bytes: [UInt8] = []
    var entries: [(offset: Int, range: Range<Int>)] = []
    for (offset, body) in cached.sorted(by: { $0.key < $1.key }) {
      let start = bytes.count
      SeriesEntry.append(framing: body, to: &bytes)
      let range = start..<bytes.count
      if let place = parts.place(holding: offset),
        offset + range.count <= parts[place].fileRange.upperBound
      {
        bytes.removeLast(range.count)
        continue
      }
      entries.append((offset, range))
    }
    let storage = ByteStorage(bytes)
    let added = entries.map {
      FetchedPart(slice: ByteSlice(storage, $0.range), fileOffset: $0.offset)
    }
    return (parts + added).sorted { $0.fileOffset < $1.fileOffset }
  }
}

extension FetchStatistics.Amount {
  mutating func add(_ result: RecordFetch.Result, recordCount: Int) {
    touched += recordCount
    touchedBytes += result.recordBytes
    fetched += recordCount
    fetchedBytes += result.fetchedBytes
    requests += result.requests
  }
}
