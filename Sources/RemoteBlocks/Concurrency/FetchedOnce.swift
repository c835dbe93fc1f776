internal import ObjectStore
internal import Synchronization

/// What is fetched once at a time, however many ask.
typealias FetchFlight<Value: Sendable> = SingleFlight<Result<Value, RemoteBlockError>>

extension SingleFlight {
  /// - Throws: what the work throws; `cancelled` when this task is cancelled before it ends.
  func fetch<Value>(
    _ work: @escaping @Sendable () async throws(RemoteBlockError) -> Value
  ) async throws(RemoteBlockError) -> Value where Answer == Result<Value, RemoteBlockError> {
    let answer = await run {
      do throws(RemoteBlockError) {
        return .success(try await work())
      } catch {
        return .failure(error)
      }
    }
    guard let answer else { throw .cancelled }
    return try answer.get()
  }
}

/// A value that is fetched at the first use and kept; a failure is not.
final class FetchedOnce<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let flight = FetchFlight<Value>()

  func get(
    _ fetch: @escaping @Sendable () async throws(RemoteBlockError) -> Value
  ) async throws(RemoteBlockError) -> Value {
    if let value = value.withLock({ $0 }) { return value }
    return try await flight.fetch { [self] () async throws(RemoteBlockError) in
      if let value = value.withLock({ $0 }) { return value }
      let fetched = try await fetch()
      value.withLock { $0 = fetched }
      return fetched
    }
  }
}
