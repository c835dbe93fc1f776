internal import ObjectStore
internal import Synchronization

/// The memory that all requests of a process may hold together.
///
/// A request is admitted with what it needs to go on at all, in the order of arrival; what only makes
/// it faster, and what turns out to be needed on the way, it gets when it is free. So requests never
/// wait for each other while they hold something. A part of the budget is kept for those that run:
/// without it the last one to be admitted would leave nothing that the others could need.
public final class MemoryBudget: Sendable {
  /// One in so many bytes is kept for requests that run.
  private static let reservedPart = 8

  private let share: FairShare
  /// How long a request may wait to be admitted.
  private let patience: Duration

  /// - Parameters:
  ///   - byteCount: Of memory, mapped files not counted.
  ///   - patience: How long a request waits for its turn before it is refused.
  public init(byteCount: Int, patience: Duration = .seconds(30)) {
    let byteCount = max(byteCount, 1)
    share = FairShare(capacity: byteCount, reserve: byteCount / Self.reservedPart)
    self.patience = patience
  }

  /// Bytes of the budget.
  public var capacity: Int { share.capacity }
  /// Bytes that requests hold.
  public var used: Int { share.used }
  /// Requests that wait to be admitted.
  public var waiting: Int { share.waiting }

  /// Admits a request that needs some memory, after waiting for its turn.
  ///
  /// - Throws: ``QueryError`` when it needs more than there is, or the wait is too long;
  ///   `CancellationError`.
  func admit(_ byteCount: Int) async throws -> Reservation {
    guard byteCount <= capacity - share.reserve else {
      throw QueryError.memory(needed: byteCount, of: capacity, waited: nil)
    }
    guard try await share.wait(for: byteCount, atMost: patience) else {
      throw QueryError.memory(needed: byteCount, of: capacity, waited: patience)
    }
    return Reservation(byteCount, of: share)
  }

  /// What one request holds. Given back when the last reference goes.
  final class Reservation: Sendable {
    private let share: FairShare
    private let held: Mutex<Int>

    fileprivate init(_ byteCount: Int, of share: FairShare) {
      self.share = share
      held = Mutex(byteCount)
    }

    var byteCount: Int { held.withLock { $0 } }

    /// Takes more without waiting, unless others wait to be admitted.
    ///
    /// - Returns: Whether it was free.
    func take(_ byteCount: Int) -> Bool {
      guard share.take(byteCount) else { return false }
      held.withLock { $0 += byteCount }
      return true
    }

    /// Takes what the request cannot do without. Goes before those who wait: what they wait for is
    /// that requests like this one end, and not that they fail.
    func need(_ byteCount: Int) throws(QueryError) {
      guard share.take(byteCount, overtakes: true) else {
        throw .memory(needed: self.byteCount + byteCount, of: share.capacity, waited: nil)
      }
      held.withLock { $0 += byteCount }
    }

    /// Gives a part back.
    func release(_ byteCount: Int) {
      guard byteCount > 0 else { return }
      let given = held.withLock { held in
        let given = min(byteCount, held)
        held -= given
        return given
      }
      share.release(given)
    }

    deinit {
      share.release(held.withLock { $0 })
    }
  }
}
