/// Flags of `thanos store` that have no effect here, so that a unit file works unchanged.
///
/// They are taken out of the command line before it is parsed; each one found is worth a warning.
/// Flags that promise protection, such as TLS, are not among them: those are refused.
enum UnusedFlags {
  struct Result: Equatable {
    /// The arguments that remain.
    var arguments: [String] = []
    /// Names of the flags that were taken out, without dashes, in order.
    var unused: [String] = []
  }

  /// Flags followed by a value.
  static let withValue: Set<String> = [
    "auto-gomemlimit.ratio",
    "block-discovery-strategy",
    "block-meta-fetch-concurrency",
    "block-sync-concurrency",
    "bucket-web-label",
    "chunk-pool-size",
    "debug.estimated-max-chunk-size",
    "debug.estimated-max-series-size",
    "debug.name",
    "debug.series-batch-size",
    "grpc-grace-period",
    "http-grace-period",
    "index-cache-size",
    "index-cache.config",
    "index-cache.config-file",
    "matcher-cache-size",
    "objstore-parquet.config",
    "objstore-parquet.config-file",
    "request.logging-config",
    "request.logging-config-file",
    "selector.relabel-config",
    "selector.relabel-config-file",
    "store.caching-bucket.config",
    "store.caching-bucket.config-file",
    "store.grpc.downloaded-bytes-limit",
    "store.grpc.series-max-concurrency",
    "store.grpc.series-sample-limit",
    "store.grpc.touched-series-limit",
    "store.index-header-lazy-download-strategy",
    "store.index-header-lazy-reader-idle-timeout",
    "store.index-header-posting-offsets-in-mem-sampling",
    "store.limits.request-samples",
    "store.limits.request-series",
    "store.posting-group-max-key-series-ratio",
    "tracing.config",
    "tracing.config-file",
    "web.external-prefix",
    "web.prefix-header",
  ]

  /// Switches, each also with `no-` in front.
  static let switches: Set<String> = [
    "cache-index-header",
    "debug.advertise-compatibility-label",
    "disable-admin-operations",
    "enable-auto-gomemlimit",
    "store.enable-index-header-lazy-reader",
    "store.enable-lazy-expanded-postings",
    "web.disable",
    "web.disable-cors",
  ]

  /// Takes unused flags out of `arguments`.
  static func strip(_ arguments: [String]) -> Result {
    var result = Result()
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--"), argument != "--" else {
        result.arguments.append(argument)
        if argument == "--" { break }
        continue
      }
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1)
      let name = parts.first.map(String.init) ?? ""
      if withValue.contains(name) {
        result.unused.append(name)
        if parts.count == 1, !argument.hasSuffix("=") { rest = rest.dropFirst() }
      } else if switches.contains(name.hasPrefix("no-") ? String(name.dropFirst(3)) : name) {
        result.unused.append(name)
      } else {
        result.arguments.append(argument)
      }
    }
    result.arguments += rest
    return result
  }
}
