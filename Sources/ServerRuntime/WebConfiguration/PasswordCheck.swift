internal import Crypto
internal import ObjectStore
internal import Synchronization

/// Compares passwords with their hashes, off the event loops and one at a time: hashes are made to
/// be slow, and whoever guesses passwords must not get all cores for it.
final class PasswordCheck: Sendable {
  enum Verdict {
    case accepted
    case refused
    /// Too many wait already.
    case busy
  }

  private static let rememberedCount = 100
  private static let waitingLimit = 64

  private let executor = BlockingExecutor(threadLimit: 1)
  /// Passwords are remembered as what this key makes of them, and the key dies with the process.
  private let key = SymmetricKey(size: .bits256)
  private let accepted = Mutex<Set<[UInt8]>>([])

  /// - Parameter users: hashes by name.
  func check(
    user: String, password: [UInt8], users: [String: String]
  ) async -> Verdict {
    let hash = users[user]
    let mark = mark(user, hash ?? "", password)
    if hash != nil, accepted.withLock({ $0.contains(mark) }) { return .accepted }
    guard executor.load.waiting < Self.waitingLimit else { return .busy }
    let stored = hash.flatMap { PasswordHash($0) }
    let matches = await onBlockingThread(executor: executor) {
      (stored ?? .nobody).matches(password)
    }
    guard stored != nil, matches else { return .refused }
    accepted.withLock { marks in
      if marks.count >= Self.rememberedCount { marks.removeAll(keepingCapacity: true) }
      marks.insert(mark)
    }
    return .accepted
  }

  /// Differs when any of the three does: each part is preceded by its length.
  private func mark(_ user: String, _ hash: String, _ password: [UInt8]) -> [UInt8] {
    var code = HMAC<SHA256>(key: key)
    for part in [Array(user.utf8), Array(hash.utf8), password] {
      let count = UInt64(part.count)
      code.update(data: (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * UInt64($0))) })
      code.update(data: part)
    }
    return Array(code.finalize())
  }
}
