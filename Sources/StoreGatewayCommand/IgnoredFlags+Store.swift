internal import CommandSupport

extension IgnoredFlags {
  /// Flags of `thanos store` that have no effect here. Flags that promise protection, such as TLS,
  /// are not among them: they are refused.
  static let store = IgnoredFlags(
    valued: [
      "bucket-web-label",
      "debug.series-batch-size",
      "http-grace-period",
      "objstore-parquet.config",
      "objstore-parquet.config-file",
      "request.logging-config",
      "request.logging-config-file",
      "store.caching-bucket.config",
      "store.caching-bucket.config-file",
      "store.index-header-posting-offsets-in-mem-sampling",
      "web.external-prefix",
      "web.prefix-header",
    ],
    switches: [
      "debug.advertise-compatibility-label",
      "disable-admin-operations",
      "web.disable",
      "web.disable-cors",
    ])
}
