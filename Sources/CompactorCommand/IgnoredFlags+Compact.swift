internal import CommandSupport

extension IgnoredFlags {
  /// Flags of `thanos compact` that have no effect here. Flags that promise protection, or that say
  /// which blocks are this program's business, are not among them: they are refused.
  static let compact = IgnoredFlags(
    valued: [],
    switches: [
      "compact.skip-block-with-out-of-order-chunks",
      "debug.accept-malformed-index",
    ])
}
