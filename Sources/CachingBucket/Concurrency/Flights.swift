internal import ObjectStore
internal import Synchronization

/// Work by key that several tasks may ask for at once and that is done once.
///
/// When a task gives up, whoever comes after it begins anew: it may have given up because the work
/// hangs.
final class Flights<Key: Hashable & Sendable, Answer: Sendable>: Sendable {
  private let flights = Mutex<[Key: SingleFlight<Answer>]>([:])

  /// The answer of the work under way for `key`, or that of `work`, which begins now; nil when this
  /// task is cancelled before it ends.
  func run(_ key: Key, _ work: @escaping @Sendable () async -> Answer) async -> Answer? {
    let flight = flights.withLock { flights in
      if let flight = flights[key] { return flight }
      let flight = SingleFlight<Answer>()
      flights[key] = flight
      return flight
    }
    let answer = await flight.run(work)
    flights.withLock { flights in
      if flights[key] === flight { flights[key] = nil }
    }
    return answer
  }
}
