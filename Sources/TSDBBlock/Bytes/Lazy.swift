internal import Synchronization

/// A value made at the first use and kept.
///
/// A failure is not kept: the next use tries again, so that a passing fault is not remembered for
/// ever. Two tasks that come at once wait for one making.
final class Lazy<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)

  func get(_ make: () throws(BlockError) -> Value) throws(BlockError) -> Value {
    let result = value.withLock { stored -> Result<Value, BlockError> in
      if let stored { return .success(stored) }
      do throws(BlockError) {
        let made = try make()
        stored = made
        return .success(made)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
