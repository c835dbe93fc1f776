internal import CommandSupport

extension IgnoredFlags {
  /// Flags of `thanos store` that have no effect here. Flags that promise protection are not among
  /// them.
  static let store = IgnoredFlags(
    valued: [
      "debug.series-batch-size",
      "store.index-header-posting-offsets-in-mem-sampling",
    ],
    switches: [
      "debug.advertise-compatibility-label"
    ])
}
