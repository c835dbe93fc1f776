public import TSDBBlock
internal import Telemetry

extension RemoteBlock {
  /// Parts of the segments that hold the records of chunks: a record is whole in the last part of
  /// its segment that begins at or before it, see ``SegmentParts/record(at:)``.
  ///
  /// Locations that lead nowhere have no part.
  ///
  /// - Parameters:
  ///   - locations: in any order; take as many at a time as memory allows.
  ///   - budget: pays before anything is read.
  ///   - tenant: who asks, for metrics.
  /// - Returns: the segments that are needed, in their order.
  /// - Throws: `RemoteBlockError`. Damaged chunks are not an error here.
  public func chunkParts(
    _ locations: [ChunkLocation], budget: some FetchCharging, tenant: String
  ) async throws(RemoteBlockError) -> [SegmentParts] {
    guard !locations.isEmpty else { return [] }
    let start = ContinuousClock.now
    let metrics = resources.metrics[tenant]
    let segments = try await segments()
    let wanted = offsets(of: locations, segmentCount: segments.count)
    typealias Answer = (place: Int, result: Result<RecordFetch.Result, RemoteBlockError>)
    var results = [RecordFetch.Result](repeating: RecordFetch.Result(), count: wanted.count)
    let failure = await withTaskGroup(of: Answer.self) { group -> RemoteBlockError? in
      for (place, want) in wanted.enumerated() {
        group.addTask { [self] in
          do throws(RemoteBlockError) {
            return (place, .success(try await fetch(want.offsets, segments[want.segment], budget)))
          } catch {
            return (place, .failure(error))
          }
        }
      }
      while let answer = await group.next() {
        switch answer.result {
        case .success(let result): results[answer.place] = result
        case .failure(let error):
          group.cancelAll()
          return error
        }
      }
      return nil
    }
    if let failure { throw failure }
    for (want, result) in zip(wanted, results) {
      metrics.chunkRefetches.increment(by: result.refetchedRecords)
      budget.statistics?.add(.chunks) { $0.add(result, recordCount: want.offsets.count) }
    }
    let duration = start.duration(to: .now)
    metrics.chunksDuration.observe(duration)
    budget.statistics?.add(.chunks) { $0.duration += duration }
    return zip(wanted, results).map { want, result in
      SegmentParts(
        segment: want.segment, path: segments[want.segment].path, parts: result.parts)
    }
  }

  /// Offsets by segment, both increasing.
  private func offsets(
    of locations: [ChunkLocation], segmentCount: Int
  ) -> [(segment: Int, offsets: [Int])] {
    var wanted: [(segment: Int, offsets: [Int])] = []
    var last: ChunkLocation?
    for location in locations.sorted() where location != last {
      last = location
      guard location.segment < segmentCount else { break }
      if wanted.last?.segment == location.segment {
        wanted[wanted.count - 1].offsets.append(location.offset)
      } else {
        wanted.append((location.segment, [location.offset]))
      }
    }
    return wanted
  }

  private func fetch(
    _ offsets: [Int], _ segment: RemoteSegment, _ budget: some FetchCharging
  ) async throws(RemoteBlockError) -> RecordFetch.Result {
    let fetch = RecordFetch(
      reader: resources.reader, object: segment.object, byteCount: segment.byteCount,
      kind: .chunk, guess: estimates.chunkByteCount, limits: resources.options.rangeLimits)
    let result = try await fetch(offsets) { (bytes, isAgain) async throws(RemoteBlockError) in
      try await budget.pay(bytes, for: isAgain ? .chunkRefetch : .chunks)
    }
    if let byteCount = result.objectByteCount { segment.note(byteCount: byteCount) }
    return result
  }
}
