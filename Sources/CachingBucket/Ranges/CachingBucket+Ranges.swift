internal import ObjectStore
internal import RemoteCache
internal import Telemetry

/// A range of an object.
struct ObjectRange: Hashable, Sendable {
  let name: ObjectName
  let range: Range<Int>
}

extension CachingBucket {
  /// The bytes of a range: pieces from the cache, and from the bucket what is missing.
  func read(
    _ name: ObjectName, _ range: Range<Int>, _ metrics: CachingBucketMetrics.Ranges
  ) async throws(BucketError) -> [UInt8] {
    metrics.reads.requests.increment()
    metrics.requested.increment(by: range.count)
    let attributes = try await attributes(name, metrics)
    let plan = SubrangePlan(range, objectSize: attributes.size, pieceSize: rules.subrangeSize)
    guard !plan.pieces.isEmpty else { return [] }
    let keys = plan.pieces.map { key(of: plan.bytes(of: $0), name, attributes) }
    var pieces = await cachedPieces(plan, keys, metrics)
    let missing = plan.pieces.filter { pieces[$0 - plan.pieces.lowerBound] == nil }
    if !missing.isEmpty {
      let requests = SubrangePlan.requests(for: missing, limit: rules.maximumRequests)
      let answers = try await fetch(requests.map { plan.bytes(of: $0) }, of: name)
      for (request, bytes) in zip(requests, answers) {
        take(bytes, from: request, plan, keys, into: &pieces, metrics)
      }
    }
    return Self.assemble(pieces, plan)
  }

  private func key(
    of bytes: Range<Int>, _ name: ObjectName, _ attributes: ObjectAttributes
  ) -> String {
    let key = BucketCacheKey.subrange(name, bytes)
    guard rules.tellsVersions else { return key }
    return "\(key):\(attributes.size):\(attributes.modifiedMilliseconds)"
  }

  /// Pieces in the order of the plan, nil for those that are not there or of another length.
  private func cachedPieces(
    _ plan: SubrangePlan, _ keys: [String], _ metrics: CachingBucketMetrics.Ranges
  ) async -> [ArraySlice<UInt8>?] {
    var pieces = [ArraySlice<UInt8>?](repeating: nil, count: keys.count)
    guard !FreshReads.isOn else { return pieces }
    let found = await cache.fetch(keys)
    var hits = 0
    var byteCount = 0
    for (place, value) in found.enumerated() where place < pieces.count {
      let wanted = plan.bytes(of: plan.pieces.lowerBound + place).count
      guard let value, value.count == wanted else { continue }
      pieces[place] = value[...]
      hits += 1
      byteCount += wanted
    }
    metrics.fromCache.increment(by: byteCount)
    metrics.reads.hits.add(Double(hits) / Double(keys.count))
    return pieces
  }

  /// The bytes of some ranges, fetched side by side.
  private func fetch(
    _ ranges: [Range<Int>], of name: ObjectName
  ) async throws(BucketError) -> [[UInt8]] {
    if ranges.count == 1 { return [try await fetch(ranges[0], of: name)] }
    var answers = [[UInt8]](repeating: [], count: ranges.count)
    let failure = await withTaskGroup(
      of: (Int, Result<[UInt8], BucketError>).self
    ) { group -> BucketError? in
      for (place, range) in ranges.enumerated() {
        group.addTask {
          do throws(BucketError) {
            return (place, .success(try await self.fetch(range, of: name)))
          } catch {
            return (place, .failure(error))
          }
        }
      }
      for await (place, answer) in group {
        switch answer {
        case .success(let bytes): answers[place] = bytes
        case .failure(let error):
          group.cancelAll()
          return error
        }
      }
      return nil
    }
    if let failure { throw failure }
    return answers
  }

  private func fetch(_ range: Range<Int>, of name: ObjectName) async throws(BucketError) -> [UInt8]
  {
    let request = ObjectRange(name: name, range: range)
    return try await ranges.once(request, .getRange, name.text) {
      [bucket] () throws(BucketError) in
      try await bucket.read(name, range: range)
    }
  }

  /// Cuts what was fetched into pieces and keeps those that are whole.
  private func take(
    _ bytes: [UInt8], from request: Range<Int>, _ plan: SubrangePlan, _ keys: [String],
    into pieces: inout [ArraySlice<UInt8>?], _ metrics: CachingBucketMetrics.Ranges
  ) {
    let start = plan.bytes(of: request).lowerBound
    var kept: [(key: String, value: [UInt8])] = []
    for piece in request {
      let range = plan.bytes(of: piece)
      let place = piece - plan.pieces.lowerBound
      guard range.lowerBound - start < bytes.count else { break }
      let end = min(range.upperBound - start, bytes.count)
      let content = bytes[range.lowerBound - start..<end]
      if pieces[place] != nil {
        metrics.again.increment(by: content.count)
        continue
      }
      pieces[place] = content
      metrics.fromBucket.increment(by: content.count)
      if content.count == range.count { kept.append((keys[place], Array(content))) }
    }
    if !kept.isEmpty { cache.store(kept, lifetime: rules.subrangeLifetime) }
  }

  /// The range, up to the first byte that did not come.
  private static func assemble(_ pieces: [ArraySlice<UInt8>?], _ plan: SubrangePlan) -> [UInt8] {
    var answer: [UInt8] = []
    answer.reserveCapacity(plan.range.count)
    for (place, piece) in pieces.enumerated() {
      guard let piece else { break }
      let range = plan.bytes(of: plan.pieces.lowerBound + place)
      let wanted = plan.range.clamped(to: range)
      let from = piece.startIndex + (wanted.lowerBound - range.lowerBound)
      let to = min(piece.startIndex + (wanted.upperBound - range.lowerBound), piece.endIndex)
      if from < to { answer += piece[from..<to] }
      guard piece.count == range.count else { break }
    }
    return answer
  }
}
