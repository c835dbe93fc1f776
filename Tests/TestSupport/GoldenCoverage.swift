/// Which golden cases are not yet met, by kind and with the reason. This file shrinks.
public enum GoldenCoverage {
  /// Blocks whose golden calls them healthy because readers do not look, with the codes that a
  /// scan rightly reports.
  public static let healthyBlocksWithFindings: [String: Set<String>] = [
    // Written on purpose with label pairs out of order.
    "out-of-order-labels": ["labels-order", "series-order"]
  ]

  /// Encoding bytes of chunks whose samples no decoder of ours reads yet: native histograms and
  /// XOR2. Their records, checksums and sample counts are checked.
  public static let undecodedEncodings: Set<UInt8> = [2, 3, 4, 5, 6]
}
