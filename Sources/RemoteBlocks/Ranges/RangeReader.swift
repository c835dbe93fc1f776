public import ObjectStore
internal import TSDBBlock

/// Reads parts of objects: several at once, but not more than the process may; again where a try
/// failed; and every answer's length is checked.
///
/// One reader is shared by everything that reads from a bucket, so that its limit holds for the
/// process. Tasks are served in the order they come; one call asks for a few parts at a time, so a
/// query of a thousand parts does not stand in the way of one with two.
public final class RangeReader: Sendable {
  public struct Limits: Sendable {
    /// Requests of the process at once.
    public var requests: Int
    /// Requests of one call at once.
    public var requestsPerCall: Int

    public init(requests: Int = 128, requestsPerCall: Int = 16) {
      self.requests = max(requests, 1)
      self.requestsPerCall = max(requestsPerCall, 1)
    }
  }

  let bucket: any Bucket
  private let limits: Limits
  let retries: RetryPolicy
  let turns: FairShare

  public init(
    _ bucket: any Bucket, limits: Limits = Limits(), retries: RetryPolicy = RetryPolicy()
  ) {
    self.bucket = bucket
    self.limits = limits
    self.retries = retries
    turns = FairShare(capacity: limits.requests)
  }

  // MARK: Ranges

  /// The bytes of ranges of an object, in the order of the ranges.
  ///
  /// - Parameters:
  ///   - ranges: any; a range past the end of the object yields what exists.
  ///   - byteCount: of the object, when it is known: then less is an error. Otherwise an answer
  ///     that is too short is completed until the store has nothing more.
  /// - Throws: `vanished` when the object does not exist, `unavailable` when tries are used up,
  ///   `damaged` when the object is shorter than it should be.
  func read(
    _ ranges: [Range<Int>], of name: ObjectName, byteCount: Int? = nil
  ) async throws(RemoteBlockError) -> [[UInt8]] {
    var results = [[UInt8]](repeating: [], count: ranges.count)
    try await forEach(ranges, of: name, byteCount: byteCount) { place, bytes in
      results[place] = bytes
    }
    return results
  }

  /// As ``read(_:of:byteCount:)``; `body` gets each range's bytes as soon as they are there.
  func forEach(
    _ ranges: [Range<Int>], of name: ObjectName, byteCount: Int? = nil, atOnce: Int? = nil,
    _ body: (_ place: Int, _ bytes: [UInt8]) async throws(RemoteBlockError) -> Void
  ) async throws(RemoteBlockError) {
    if ranges.count == 1 {
      return try await body(0, read(ranges[0], of: name, byteCount: byteCount))
    }
    typealias Answer = (place: Int, bytes: Result<[UInt8], RemoteBlockError>)
    let width = min(ranges.count, atOnce ?? limits.requestsPerCall)
    let failure = await withTaskGroup(of: Answer.self) { group -> RemoteBlockError? in
      var next = 0
      func begin() {
        let place = next
        next += 1
        group.addTask {
          do throws(RemoteBlockError) {
            let bytes = try await self.read(ranges[place], of: name, byteCount: byteCount)
            return (place, .success(bytes))
          } catch {
            return (place, .failure(error))
          }
        }
      }
      while next < width { begin() }
      while let answer = await group.next() {
        do throws(RemoteBlockError) {
          try await body(answer.place, answer.bytes.get())
        } catch {
          group.cancelAll()
          return error
        }
        if next < ranges.count { begin() }
      }
      return nil
    }
    if let failure { throw failure }
  }

  /// The bytes of one range.
  func read(
    _ range: Range<Int>, of name: ObjectName, byteCount: Int? = nil
  ) async throws(RemoteBlockError) -> [UInt8] {
    let end = byteCount.map { min(range.upperBound, $0) } ?? range.upperBound
    guard range.lowerBound < end else { return [] }
    var bytes: [UInt8] = []
    var failures = 0
    var isDistrusted = false
    while range.lowerBound + bytes.count < end {
      if Task.isCancelled { throw .cancelled }
      let rest = range.lowerBound + bytes.count..<end
      let answer: [UInt8]
      do throws(BucketError) {
        answer = try await FreshReads.run(isDistrusted) { () async throws(BucketError) in
          try await request(rest, of: name)
        }
      } catch {
        failures += 1
        try await pause(after: failures, error)
        continue
      }
      if answer.isEmpty {
        guard let byteCount else { return bytes }
        failures += 1
        // A cache on the way may think that the object is shorter than it is.
        isDistrusted = true
        guard failures < retries.attempts else {
          throw .damaged(
            BlockError(
              .truncated, path: name.text, offset: rest.lowerBound,
              detail: "the object ends here, it should have \(byteCount) bytes"))
        }
      }
      // Most answers are whole and need no copy.
      if bytes.isEmpty { bytes = answer } else { bytes += answer }
    }
    return bytes
  }

  /// Size and time of an object.
  func attributes(of name: ObjectName) async throws(RemoteBlockError) -> ObjectAttributes {
    try await retrying(.attributes, name) { [bucket] () async throws(BucketError) in
      try await bucket.attributes(name)
    }
  }

  /// What lies in a directory.
  func list(_ directory: ObjectName) async throws(RemoteBlockError) -> [ListedObject] {
    try await retrying(.iter, directory) { [bucket] () async throws(BucketError) in
      try await bucket.list(directory, recursive: false)
    }
  }
}
