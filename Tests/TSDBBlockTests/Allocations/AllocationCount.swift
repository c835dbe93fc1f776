import CAllocationCounter

/// What a piece of code takes from the heap.
struct AllocationCount: Equatable {
  var calls = 0
  /// Calls for as much as an array of a column takes.
  var largeCalls = 0
  var bytes = 0

  /// False under a sanitizer: every count is zero then.
  static var isActive: Bool { allocation_counter_is_active() }

  /// Whether nothing was taken, as far as this build can tell.
  ///
  /// Without optimisation closures have a context on the heap and generic code boxes what it
  /// borrows, a few bytes each; what is larger was asked for in the source.
  var isNone: Bool {
    #if DEBUG
      largeCalls == 0
    #else
      calls == 0
    #endif
  }

  /// Counts the allocations of this thread while `body` runs.
  static func during<Failure: Error>(
    _ body: () throws(Failure) -> Void
  ) throws(Failure) -> AllocationCount {
    let before = allocation_counter_total()
    try body()
    let after = allocation_counter_total()
    return AllocationCount(
      calls: Int(after.calls - before.calls),
      largeCalls: Int(after.large_calls - before.large_calls),
      bytes: Int(after.bytes - before.bytes))
  }

  /// Counts while `body` runs once more: the first two runs let arrays grow and caches fill.
  static func again<Failure: Error>(
    _ body: () throws(Failure) -> Void
  ) throws(Failure) -> AllocationCount {
    try body()
    try body()
    return try during(body)
  }
}
