internal import Synchronization

/// A number that only grows while the process lives.
///
/// Whole steps cost one relaxed atomic addition; fractions are kept apart from them.
public final class Counter: Sendable {
  private let whole = Atomic<Int>(0)
  private let fraction = AtomicDouble()

  init() {}

  public func increment(by count: Int = 1) {
    assert(count >= 0, "a counter never falls")
    whole.wrappingAdd(count, ordering: .relaxed)
  }

  /// Adds seconds, ratios and other amounts that are not whole.
  public func add(_ amount: Double) {
    assert(amount >= 0, "a counter never falls")
    fraction.add(amount)
  }

  public var value: Double {
    Double(whole.load(ordering: .relaxed)) + fraction.value
  }
}
