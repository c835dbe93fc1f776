internal import IndexCache
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Gets postings lists of a block: from the cache, and from the bucket what is not there.
struct PostingsFetch<Budget: FetchCharging>: Sendable {
  let block: RemoteBlock
  let budget: Budget
  let tenant: String

  /// Bytes of a list's checksum, which is fetched too.
  private static var checksumByteCount: Int { 4 }

  private var codec: CodecMetrics { block.resources.metrics[tenant].codec }

  /// What `matchers` select, if it is known.
  func cachedSelection(
    _ matchers: [LabelMatcher]
  ) async throws(RemoteBlockError) -> [UInt32]? {
    guard let cache = block.resources.cache, !matchers.isEmpty else { return nil }
    let values = await cache.fetch(
      [.expandedPostings(of: matchers)], of: block.id, tenant: tenant)
    guard let value = values.first ?? nil else { return nil }
    try await budget.pay(value.count, for: .cachedPostings)
    guard let ids = codec.decoded(value) else { return nil }
    budget.statistics?.add(.postings) { amount in
      amount.touched += 1
      amount.touchedBytes += value.count
    }
    return ids
  }

  /// The ids of some lists, in the order of the lists.
  func lists(
    _ lists: [PostingsQuery.List], _ header: IndexHeader
  ) async throws(RemoteBlockError) -> [[UInt32]] {
    var found = try await cachedLists(lists)
    let missing = lists.indices.filter { found[$0] == nil }
      .sorted { lists[$0].range.lowerBound < lists[$1].range.lowerBound }
    if !missing.isEmpty {
      let fetched = try await fetch(missing.map { lists[$0] }, header)
      for (place, ids) in zip(missing, fetched) { found[place] = ids }
      store(zip(missing, fetched).map { (lists[$0], $1) })
    }
    return found.map { $0 ?? [] }
  }

  // MARK: Cache

  private func cachedLists(
    _ lists: [PostingsQuery.List]
  ) async throws(RemoteBlockError) -> [[UInt32]?] {
    guard let cache = block.resources.cache, !lists.isEmpty else {
      return Array(repeating: nil, count: lists.count)
    }
    let values = await cache.fetch(
      lists.map { .postings(name: $0.name, value: $0.value) }, of: block.id, tenant: tenant)
    var byteCount = 0
    for value in values { byteCount += value?.count ?? 0 }
    try await budget.pay(byteCount, for: .cachedPostings)
    var found: [[UInt32]?] = []
    var hits = 0
    for place in lists.indices {
      let value = place < values.count ? values[place] : nil
      // A list holds no more series than its place in the index has room for.
      let ids = value.flatMap { codec.decoded($0, limit: lists[place].range.count / 4) }
      if ids != nil { hits += 1 }
      found.append(ids)
    }
    budget.statistics?.add(.postings) { amount in
      amount.touched += hits
      amount.touchedBytes += byteCount
    }
    return found
  }

  private func store(_ lists: [(list: PostingsQuery.List, ids: [UInt32])]) {
    guard let cache = block.resources.cache else { return }
    let codec = codec
    cache.store(
      lists.map { (.postings(name: $0.list.name, value: $0.list.value), codec.encoded($0.ids)) },
      of: block.id, tenant: tenant)
  }

  // MARK: Bucket

  /// - Parameter lists: in the order of their places in the index.
  private func fetch(
    _ lists: [PostingsQuery.List], _ header: IndexHeader
  ) async throws(RemoteBlockError) -> [[UInt32]] {
    let plan = RangePlan(lists.map(\.range), limits: block.resources.options.rangeLimits)
    try await budget.pay(plan.byteCount, for: .postings)
    let parts = try await read(plan.parts.map(\.range), header)
    var found: [[UInt32]] = []
    found.reserveCapacity(lists.count)
    for (part, answer) in zip(plan.parts, parts) {
      for place in part.wanted {
        found.append(try await ids(of: lists[place].range, in: answer, header))
      }
    }
    var byteCount = 0
    for list in lists { byteCount += list.range.count }
    budget.statistics?.add(.postings) { amount in
      amount.touched += lists.count
      amount.touchedBytes += byteCount
      amount.fetched += lists.count
      amount.fetchedBytes += parts.reduce(0) { $0 + $1.slice.count }
      amount.requests += parts.count
    }
    return found
  }

  private func read(
    _ ranges: [Range<Int>], _ header: IndexHeader
  ) async throws(RemoteBlockError) -> [FetchedPart] {
    let ranges = ranges.map { $0.lowerBound..<$0.upperBound + Self.checksumByteCount }
    let answers = try await block.resources.reader.read(
      ranges, of: block.objectName("index"), byteCount: header.indexByteCount)
    return zip(ranges, answers).map { range, bytes in
      FetchedPart(slice: ByteSlice(ByteStorage(bytes)), fileOffset: range.lowerBound)
    }
  }

  /// The list at `range`, once more from the bucket when what came first is wrong.
  private func ids(
    of range: Range<Int>, in part: FetchedPart, _ header: IndexHeader
  ) async throws(RemoteBlockError) -> [UInt32] {
    do throws(BlockError) {
      return try Self.ids(of: range, in: part)
    } catch {
      let again = try await FreshReads.run(true) { () async throws(RemoteBlockError) in
        try await read([range], header)
      }
      budget.statistics?.add(.postings) { $0.requests += 1 }
      do throws(BlockError) {
        return try Self.ids(of: range, in: again[0])
      } catch {
        throw .damaged(error.inFile("index"))
      }
    }
  }

  private static func ids(
    of range: Range<Int>, in part: FetchedPart
  ) throws(BlockError) -> [UInt32] {
    let start = range.lowerBound - part.fileOffset
    guard let slice = part.slice.slice(start..<start + range.count + checksumByteCount) else {
      throw BlockError(
        .truncated, section: "postings", offset: range.lowerBound,
        detail: "the index ends before the list does")
    }
    return try FetchedPostings(slice, hasChecksum: true, fileOffset: range.lowerBound).ids
  }
}

extension CodecMetrics {
  /// The list in the form of the cache.
  func encoded(_ ids: [UInt32]) -> [UInt8] {
    let start = ContinuousClock.now
    let value = PostingsCodec.encode(ids)
    encode.count.increment()
    encode.seconds.add(start.duration(to: .now) / .seconds(1))
    originalBytes.increment(by: 4 * ids.count)
    compressedBytes.increment(by: value.count)
    return value
  }

  /// The list of a value, nil when it is damaged.
  func decoded(_ value: [UInt8], limit: Int = .max) -> [UInt32]? {
    let start = ContinuousClock.now
    defer { decode.seconds.add(start.duration(to: .now) / .seconds(1)) }
    decode.count.increment()
    var ids: [UInt32] = []
    do {
      try PostingsCodec.decode(value, into: &ids, limit: limit)
      return ids
    } catch {
      decode.errors.increment()
      return nil
    }
  }
}
