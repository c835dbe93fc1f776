internal import ObjectStore
internal import TSDBBlock

/// Fetches records of one object whose lengths are not known before they are there.
///
///     guess    [offset, offset + guess)   joined, read, and looked at record by record
///     again    those that are longer: exactly, once more
///     fresh    those that are wrong, cut or not there: once more, past caches on the way
///
/// What the bucket itself gives with a wrong checksum is handed on as it is: whoever decodes it
/// says what is wrong.
struct RecordFetch: Sendable {
  let reader: RangeReader
  let object: ObjectName
  /// Of the object; nil when it is not known.
  let byteCount: Int?
  let kind: RecordKind
  /// Bytes that hold most records.
  let guess: Int
  let limits: RangePlan.Limits

  /// What was fetched.
  struct Result: Sendable {
    /// In the order of their beginnings. A record is in the last part that begins at or before it.
    var parts: [FetchedPart] = []
    /// Of whole records.
    var recordBytes = 0
    var fetchedBytes = 0
    var refetchedRecords = 0
    var requests = 0
    /// Bytes of the object, when its end was met.
    var objectByteCount: Int?
  }

  /// A record that is looked for.
  private struct Sought {
    var offset: Int
    /// Bytes to read for it.
    var span: Int
    /// Whether what came was wrong, so that a cache on the way may be the reason.
    var isDistrusted = false
  }

  /// The first step finds most, the second those whose length it told, the third those of which it
  /// did not even tell the length; two more are for those that were wrong.
  private static let steps = 5

  /// - Parameters:
  ///   - offsets: increasing.
  ///   - pay: is called with the bytes of each step before they are read.
  func callAsFunction(
    _ offsets: [Int],
    pay: (_ bytes: Int, _ isAgain: Bool) async throws(RemoteBlockError) -> Void
  ) async throws(RemoteBlockError) -> Result {
    var result = Result()
    var sought = offsets.map { Sought(offset: $0, span: guess) }
    for step in 0..<Self.steps where !sought.isEmpty {
      let plan = RangePlan(sought.map { $0.offset..<$0.offset + $0.span }, limits: limits)
      try await pay(plan.byteCount, step > 0)
      if step > 0 { result.refetchedRecords += sought.count }
      result.requests += plan.parts.count
      let ranges = plan.parts.map {
        $0.range.lowerBound..<$0.range.upperBound + RecordKind.slack
      }
      let isFresh = sought.contains(where: \.isDistrusted)
      // What chunk files have was seen once, perhaps through a cache that lied.
      let known = isFresh && kind == .chunk ? nil : byteCount
      let answers = try await FreshReads.run(isFresh) { () async throws(RemoteBlockError) in
        try await reader.read(ranges, of: object, byteCount: known)
      }
      var again: [Sought] = []
      var end: Int?
      for (place, bytes) in answers.enumerated() {
        result.fetchedBytes += bytes.count
        let answer = Answer(
          bytes: bytes, start: ranges[place].lowerBound,
          isAtEnd: bytes.count < ranges[place].count)
        if answer.isAtEnd, !bytes.isEmpty {
          end = answer.start + bytes.count
        }
        look(at: sought[plan.parts[place].wanted], in: answer, step, &again, &result)
      }
      sought = again
      if isFresh || !sought.contains(where: \.isDistrusted) {
        result.objectByteCount = end ?? result.objectByteCount
      }
    }
    result.parts.sort { $0.fileOffset < $1.fileOffset }
    return result
  }

  private struct Answer {
    var bytes: [UInt8]
    /// In the object.
    var start: Int
    /// Whether the object has nothing behind it.
    var isAtEnd: Bool
  }

  /// Keeps the records that are whole, and those that will not be better next time.
  private func look(
    at sought: ArraySlice<Sought>, in answer: Answer, _ step: Int, _ again: inout [Sought],
    _ result: inout Result
  ) {
    let bytes = answer.bytes
    let isLast = step == Self.steps - 1
    // From the first to the last record of each run of records that are kept.
    var runs: [Range<Int>] = []
    var isRunning = false
    for record in sought {
      let position = record.offset - answer.start
      var end = bytes.count
      var next: Int?
      var isDistrusted = record.isDistrusted
      switch kind.content(of: bytes.rawSpan, at: position, fileOffset: answer.start) {
      case .whole(let byteCount):
        result.recordBytes += byteCount
        end = position + byteCount
      case .part(let needed) where !answer.isAtEnd && !isLast:
        next = needed ?? max(record.span, Self.lengthSpan)
        if step > 1 { isDistrusted = true }
      case .part where !isDistrusted && !isLast:
        // The object cannot have that much: a length is wrong, perhaps only on the way.
        next = guess
        isDistrusted = true
      case .damaged(let byteCount) where !isDistrusted && !isLast:
        next = byteCount ?? record.span
        isDistrusted = true
      case .part, .damaged: break
      }
      if let next {
        again.append(Sought(offset: record.offset, span: next, isDistrusted: isDistrusted))
      }
      guard next == nil, position < end else {
        isRunning = false
        continue
      }
      // Between records that came again stand some that are kept already, in parts of their own.
      if isRunning, step == 0, let last = runs.last {
        runs[runs.count - 1] = last.lowerBound..<max(last.upperBound, end)
      } else {
        runs.append(position..<end)
        isRunning = true
      }
    }
    guard !runs.isEmpty else { return }
    let storage = ByteStorage(bytes)
    for run in runs {
      result.parts.append(
        FetchedPart(slice: ByteSlice(storage, run), fileOffset: answer.start + run.lowerBound))
    }
  }

  /// More than a length takes.
  private static let lengthSpan = 64
}
