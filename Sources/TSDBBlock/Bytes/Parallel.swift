internal import Dispatch
internal import Synchronization

/// Work on several threads that the caller waits for.
package enum Parallel {
  /// The results of `body` for 0, 1, …, in this order.
  ///
  /// - Parameter threads: at most so many work at the same time; with 1 it is the caller's alone.
  package static func map<Result: Sendable>(
    _ count: Int, threads: Int, _ body: @Sendable (Int) -> Result
  ) -> [Result] {
    guard threads > 1, count > 1 else { return (0..<count).map(body) }
    let results = Mutex<[Result?]>(Array(repeating: nil, count: count))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < count else { return }
        let result = body(number)
        results.withLock { $0[number] = result }
      }
    }
    return results.withLock { $0.compactMap(\.self) }
  }

  /// Does both, side by side when there is more than one thread.
  static func both<First: Sendable, Second: Sendable>(
    threads: Int, _ first: @Sendable () -> First, _ second: @Sendable () -> Second
  ) -> (First, Second) {
    guard threads > 1 else { return (first(), second()) }
    let results = Mutex<(First?, Second?)>((nil, nil))
    DispatchQueue.concurrentPerform(iterations: 2) { number in
      if number == 0 {
        let result = first()
        results.withLock { $0.0 = result }
      } else {
        let result = second()
        results.withLock { $0.1 = result }
      }
    }
    let found = results.withLock { $0 }
    // Both closures have run, so neither is done again.
    return (found.0 ?? first(), found.1 ?? second())
  }
}
