/// Golden cases that no test asks for yet, by kind, with the reason. Shrinks until it is empty.
public enum GoldenCoverage {
  public struct Gap: Sendable {
    /// As under `TestData/golden`.
    public var file: String
    public var kind: String
    public var reason: String
  }

  public static let gaps: [Gap] = [
    Gap(
      file: "store/promql.jsonl", kind: "all", reason: "needs a query component in front")
  ]

  /// Blocks whose golden calls them healthy because readers do not look, with the codes that a
  /// scan rightly reports.
  public static let healthyBlocksWithFindings: [String: Set<String>] = [
    // Written on purpose with label pairs out of order.
    "out-of-order-labels": ["labels-order", "series-order"]
  ]
}
