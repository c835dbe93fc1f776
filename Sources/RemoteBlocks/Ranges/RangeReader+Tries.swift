internal import ObjectStore

// One request is a try or more, each with its turn and its time.
extension RangeReader {
  func request(
    _ range: Range<Int>, of name: ObjectName
  ) async throws(BucketError) -> [UInt8] {
    try await limited(.getRange, name) { [bucket] () async throws(BucketError) in
      let bytes = try await bucket.read(name, range: range)
      guard bytes.count <= range.count else {
        throw BucketError(
          .transient, .getRange, object: name.text,
          detail: "asked for \(range.count) bytes, got \(bytes.count)")
      }
      return bytes
    }
  }

  func retrying<Value: Sendable>(
    _ operation: BucketOperation, _ name: ObjectName,
    _ work: @escaping @Sendable () async throws(BucketError) -> Value
  ) async throws(RemoteBlockError) -> Value {
    var failures = 0
    while true {
      do throws(BucketError) {
        return try await limited(operation, name, work)
      } catch {
        failures += 1
        try await pause(after: failures, error)
      }
    }
  }

  /// One try, when it is this task's turn.
  private func limited<Value: Sendable>(
    _ operation: BucketOperation, _ name: ObjectName,
    _ work: @escaping @Sendable () async throws(BucketError) -> Value
  ) async throws(BucketError) -> Value {
    let late = BucketError(.transient, operation, object: name.text, detail: "no answer in time")
    // Fails for those alone who were cancelled while they waited, which the caller will notice.
    guard (try? await turns.wait(for: 1)) != nil else { throw late }
    defer { turns.release(1) }
    return try await Self.attempt(for: retries.attemptTimeout, else: late, work).get()
  }

  /// The answer of `work`, unless it takes longer than `timeout`.
  private static func attempt<Value: Sendable>(
    for timeout: Duration, else late: BucketError,
    _ work: @escaping @Sendable () async throws(BucketError) -> Value
  ) async -> Result<Value, BucketError> {
    await withTaskGroup(of: Result<Value, BucketError>.self) { group in
      group.addTask {
        do throws(BucketError) {
          return .success(try await work())
        } catch {
          return .failure(error)
        }
      }
      group.addTask {
        try? await Task.sleep(for: timeout)
        return .failure(late)
      }
      defer { group.cancelAll() }
      return await group.next() ?? .failure(late)
    }
  }

  /// Waits before the next try, if there is to be one.
  func pause(
    after failures: Int, _ error: BucketError
  ) async throws(RemoteBlockError) {
    if Task.isCancelled { throw .cancelled }
    guard error.code == .transient, failures < retries.attempts else {
      throw RemoteBlockError(error)
    }
    do {
      try await Task.sleep(for: retries.delay(after: failures))
    } catch {
      throw .cancelled
    }
  }
}
