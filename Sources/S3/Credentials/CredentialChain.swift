internal import ObjectStore
internal import Synchronization

/// The first source that has credentials, asked again before they expire.
///
///     none yet, or expired ──► everybody waits for one refresh
///     expire soon          ──► a refresh in the background; requests go on with the old ones
final class CredentialChain: Sendable {
  /// Seconds before the end at which new ones are asked for, and must be there.
  private static let comfortableRest: Int64 = 300
  private static let leastRest: Int64 = 15
  /// Seconds after which a failed background refresh is tried again.
  private static let pause: Int64 = 20

  private struct State {
    var current: Credentials?
    var nextRefresh: Int64 = 0
  }

  private let sources: [any CredentialSource]
  private let now: @Sendable () -> Int64
  private let state = Mutex(State())
  private let refreshing = SingleFlight<Result<Credentials, CredentialError>>()

  /// - Parameter now: seconds since 1970.
  init(_ sources: [any CredentialSource], now: @escaping @Sendable () -> Int64) {
    self.sources = sources
    self.now = now
  }

  /// Credentials that are good for some seconds at least.
  func credentials() async throws(CredentialError) -> Credentials {
    let now = now()
    let (current, needsRefresh) = state.withLock { state -> (Credentials?, Bool) in
      guard let current = state.current else { return (nil, true) }
      guard let expiration = current.expiration else { return (current, false) }
      if expiration - now <= Self.leastRest { return (nil, true) }
      guard expiration - now <= Self.comfortableRest, now >= state.nextRefresh else {
        return (current, false)
      }
      state.nextRefresh = now + Self.pause
      return (current, true)
    }
    if let current {
      if needsRefresh { Task { _ = await self.refresh() } }
      return current
    }
    return try await refresh().get()
  }

  /// Forgets what the store has refused, so that rotated credentials are found.
  func forget(_ credentials: Credentials) {
    state.withLock { state in
      if state.current == credentials, credentials.expiration != nil { state.current = nil }
    }
  }

  private func refresh() async -> Result<Credentials, CredentialError> {
    let answer = await refreshing.run { [self] in
      do throws(CredentialError) {
        let found = try await ask()
        state.withLock { $0.current = found }
        return .success(found)
      } catch {
        return .failure(error)
      }
    }
    return answer ?? .failure(CredentialError("cancelled", isTransient: true))
  }

  private func ask() async throws(CredentialError) -> Credentials {
    for source in sources {
      if let found = try await source.credentials() { return found }
    }
    throw CredentialError(
      """
      no credentials: write access_key and secret_key, set AWS_ACCESS_KEY_ID and \
      AWS_SECRET_ACCESS_KEY, or give the machine a role
      """)
  }
}
