internal import TSDBBlock

/// What the bucket says when it is asked about one block.
enum Recheck: Equatable, Sendable {
  /// The block is gone from the bucket, and served no longer.
  case gone
  /// The block is there; what was missing in it is missing.
  case present
  /// The bucket could not be asked, for this reason.
  case unknown(String)
}

extension BlockSync {
  /// Looks again at a block in which something was not found, and stops serving it if it is gone.
  ///
  /// Many that ask about the same block at once share one look. Returns at once when the task is
  /// cancelled, while the look goes on for the others.
  func recheck(_ id: BlockID) async -> Recheck {
    let isFirst = rechecks[id] == nil
    recheckCount += 1
    let number = recheckCount
    let stream = rechecks[id, default: RecheckWaiters()].add(number)
    if isFirst {
      Task {
        let result = await look(at: id)
        if result == .gone { forget(id) }
        rechecks.removeValue(forKey: id)?.tell(result)
      }
    }
    for await result in stream { return result }
    rechecks[id]?.remove(number)
    return .unknown("the call was cancelled")
  }
}

/// Those who wait for one look at a block, by the number of their call.
struct RecheckWaiters {
  private(set) var continuations: [Int: AsyncStream<Recheck>.Continuation] = [:]

  mutating func add(_ number: Int) -> AsyncStream<Recheck> {
    let (stream, continuation) = AsyncStream<Recheck>.makeStream()
    continuations[number] = continuation
    return stream
  }

  mutating func remove(_ number: Int) {
    continuations[number] = nil
  }

  func tell(_ result: Recheck) {
    for continuation in continuations.values {
      continuation.yield(result)
      continuation.finish()
    }
  }
}
