internal import ArgumentParser
internal import CommandSupport
internal import ObjectStore
internal import StoreGateway

/// The flags that bound what requests may touch and hold.
struct LimitOptions: ParsableArguments {
  @Option(
    name: [
      .customLong("store.limits.request-series"), .customLong("store.grpc.touched-series-limit"),
    ],
    help: ArgumentHelp(
      "Series that one request may match in all blocks; 0 for any number.", valueName: "count"))
  var series = 0

  @Option(
    name: [
      .customLong("store.limits.request-samples"), .customLong("store.grpc.series-sample-limit"),
    ],
    help: ArgumentHelp(
      "Samples that one Series request may read, counted as chunks of 120; 0 for any number.",
      valueName: "count"))
  var samples = 0

  @Option(
    name: .customLong("store.grpc.downloaded-bytes-limit"),
    help: ArgumentHelp(
      "Bytes of index and chunks that one request may read from the bucket; 0 for any number.",
      valueName: "size"))
  var bytes = ByteSize(byteCount: 0)

  @Option(
    name: .customLong("store.grpc.series-max-concurrency"),
    help: ArgumentHelp(
      "Series calls, and label calls, that run at the same time; 0 for any number.",
      valueName: "count"))
  var concurrency = 20

  @Option(
    name: .customLong("store.memory-budget"),
    help: ArgumentHelp(
      "Memory that all requests may hold together. Half of what the machine or container has, "
        + "unless given. A request that finds none waits for its turn, then fails with "
        + "ResourceExhausted.", valueName: "size"))
  var memory: ByteSize?

  @Option(
    name: .customLong("matcher-cache-size"),
    help: ArgumentHelp(
      "Compiled regular expressions to keep between requests; 0 for none.", valueName: "count"))
  var matcherCacheSize = 0

  @Option(
    name: .customLong("store.limits.config-file"),
    help: ArgumentHelp(
      "YAML file with limits in the place of the flags', read again at SIGHUP: request_series, "
        + "request_samples, downloaded_bytes.", valueName: "path"))
  var path: String?

  @Option(
    name: .customLong("store.limits.config"),
    help: ArgumentHelp("The same as text.", valueName: "yaml"))
  var content: String?

  func validate() throws {
    try source.source.validate(isOptional: true)
    guard matcherCacheSize >= 0 else {
      throw ValidationError("--matcher-cache-size must not be negative")
    }
    guard series >= 0 else {
      throw ValidationError("--store.limits.request-series must not be negative")
    }
    guard samples >= 0 else {
      throw ValidationError("--store.limits.request-samples must not be negative")
    }
    guard concurrency >= 0 else {
      throw ValidationError("--store.grpc.series-max-concurrency must not be negative")
    }
    if let memory, memory.byteCount < 16 << 20 {
      throw ValidationError("--store.memory-budget must be 16MiB at least")
    }
  }

  /// What one request may touch, to read it now and later.
  var source: LimitsSource {
    let chunks = RequestLimits.chunks(holding: samples)
    return LimitsSource(
      flags: RequestLimits(
        series: series > 0 ? series : nil, chunks: chunks > 0 ? chunks : nil,
        bytes: bytes.byteCount > 0 ? bytes.byteCount : nil),
      source: PathOrContent(name: "store.limits.config", path: path, content: content))
  }

  func apply(to configuration: inout StoreGatewayService.Configuration) {
    let limits = source.flags
    configuration.limits = { limits }
    configuration.concurrency = concurrency
    configuration.matcherCacheSize = matcherCacheSize
    if let memory { configuration.memory = MemoryBudget(byteCount: memory.byteCount) }
  }
}
