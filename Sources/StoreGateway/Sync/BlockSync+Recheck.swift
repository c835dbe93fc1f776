internal import ObjectStore
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
    let flight = rechecks[id] ?? SingleFlight()
    rechecks[id] = flight
    return await flight.run { await self.lookAgain(at: id) } ?? .unknown("the call was cancelled")
  }

  private func lookAgain(at id: BlockID) async -> Recheck {
    let result = await look(at: id)
    if result == .gone { forget(id) }
    rechecks[id] = nil
    return result
  }
}
