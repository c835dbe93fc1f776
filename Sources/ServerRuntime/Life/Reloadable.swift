internal import Synchronization

/// A value that a reload replaces while others read it.
public final class Reloadable<Value: Sendable>: Sendable {
  private let state: Mutex<Value>

  public init(_ value: Value) { state = Mutex(value) }

  /// As it is now. Ask at each use.
  public var current: Value { state.withLock { $0 } }

  public func replace(by value: Value) { state.withLock { $0 = value } }
}
