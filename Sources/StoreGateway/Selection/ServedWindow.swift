/// The times this store serves, as the flags `--min-time` and `--max-time` say.
///
/// A flag may be relative to now, so the window moves: it is computed at every use.
public struct ServedWindow: Sendable {
  private let compute: @Sendable () -> ClosedRange<Int64>

  /// - Parameter compute: First and last millisecond served.
  public init(_ compute: @escaping @Sendable () -> ClosedRange<Int64>) {
    self.compute = compute
  }

  /// All times.
  public static let everything = ServedWindow { .min ... .max }

  var current: ClosedRange<Int64> { compute() }
}
