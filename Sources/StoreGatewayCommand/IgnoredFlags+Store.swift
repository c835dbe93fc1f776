internal import CommandSupport

extension IgnoredFlags {
  /// Flags of `thanos store` that have no effect here. Flags that promise protection, such as TLS,
  /// are not among them: they are refused.
  static let store = IgnoredFlags(
    valued: [
      "bucket-web-label",
      "chunk-pool-size",
      "debug.estimated-max-chunk-size",
      "debug.estimated-max-series-size",
      "debug.series-batch-size",
      "http-grace-period",
      "index-cache-size",
      "index-cache.config",
      "index-cache.config-file",
      "objstore-parquet.config",
      "objstore-parquet.config-file",
      "request.logging-config",
      "request.logging-config-file",
      "store.caching-bucket.config",
      "store.caching-bucket.config-file",
      "store.index-header-lazy-download-strategy",
      "store.index-header-lazy-reader-idle-timeout",
      "store.index-header-posting-offsets-in-mem-sampling",
      "store.posting-group-max-key-series-ratio",
      "web.external-prefix",
      "web.prefix-header",
    ],
    switches: [
      "debug.advertise-compatibility-label",
      "disable-admin-operations",
      "store.enable-index-header-lazy-reader",
      "store.enable-lazy-expanded-postings",
      "web.disable",
      "web.disable-cors",
    ])
}
