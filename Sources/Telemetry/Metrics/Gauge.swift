/// A number that goes up and down.
public final class Gauge: Sendable {
  private let number = AtomicDouble()

  init() {}

  public func set(_ value: Double) { number.set(value) }
  public func set(_ value: Int) { number.set(Double(value)) }
  public func add(_ delta: Double) { number.add(delta) }
  public func increment() { number.add(1) }

  public var value: Double { number.value }
}
