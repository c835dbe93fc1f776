internal import CommandSupport

extension IgnoredFlags {
  /// Flags of `thanos compact` that have no effect here. Flags that promise protection, or that say
  /// which blocks are this program's business, are not among them: they are refused.
  static let compact = IgnoredFlags(
    valued: [
      "block-files-concurrency",
      "block-viewer.global.sync-block-interval",
      "block-viewer.global.sync-block-timeout",
      "compact.blocks-fetch-concurrency",
      "hash-func",
      "http-grace-period",
      "web.external-prefix",
      "web.prefix-header",
      "web.route-prefix",
    ],
    switches: [
      "compact.skip-block-with-out-of-order-chunks",
      "debug.accept-malformed-index",
      "disable-admin-operations",
      "web.disable-cors",
    ])
}
