internal import Foundation

/// A value that one thread at a time may use.
///
/// With a lock that the thread sanitizer knows; it takes what `Mutex` guards on Linux for a race.
public final class Locked<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  public init(_ value: Value) { self.value = value }

  public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
