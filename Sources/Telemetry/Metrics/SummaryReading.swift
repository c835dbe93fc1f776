/// Quantiles of something, as one scrape sees them.
public struct SummaryReading: Sendable {
  /// Ascending quantiles from 0 to 1 with their values.
  public var quantiles: [(quantile: Double, value: Double)]
  public var sum: Double
  public var count: Int

  public init(quantiles: [(quantile: Double, value: Double)], sum: Double, count: Int) {
    self.quantiles = quantiles
    self.sum = sum
    self.count = count
  }
}
