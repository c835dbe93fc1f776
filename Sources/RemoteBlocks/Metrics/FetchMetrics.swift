internal import TSDBBlock
public import Telemetry

/// The metrics of reading remote blocks, under the names that Thanos' dashboards know.
///
/// Those with the label `tenant` begin to exist with a tenant's first query; those of the default
/// tenant are always there.
public final class FetchMetrics: Sendable {
  private let registry: MetricRegistry
  private let tenants: PerTenant<TenantFetchMetrics>
  let lazyQueries: Counter
  let lazyBytes: Counter
  let lazyOverfetchedBytes: Counter

  /// - Parameter tenantLimit: Tenants beyond this many are counted together.
  public init(_ registry: MetricRegistry, tenantLimit: Int = 1000) {
    self.registry = registry
    tenants = PerTenant(limit: tenantLimit) { TenantFetchMetrics(registry, tenant: $0) }
    lazyQueries = registry.counter(
      "thanos_bucket_store_lazy_expanded_postings_total",
      help: "Selections that left conditions to be tested on the series.")
    lazyBytes = registry.counter(
      "thanos_bucket_store_lazy_expanded_posting_size_bytes_total",
      help: "Bytes of postings that were not fetched for that reason.")
    lazyOverfetchedBytes = registry.counter(
      "thanos_bucket_store_lazy_expanded_posting_series_overfetched_size_bytes_total",
      help: "Bytes of series that were fetched and did not match, for that reason.")
    for reason in PostingsLaziness.Reason.allCases { _ = lazyGroups(reason: reason.rawValue) }
  }

  /// Notes a request that is done.
  public func observe(_ statistics: FetchStatistics, tenant: String) {
    self[tenant].observe(statistics)
  }

  /// Notes series that were fetched because conditions had been left to be tested on them, and
  /// that did not match.
  public func noteOverfetched(bytes: Int) { lazyOverfetchedBytes.increment(by: bytes) }

  func lazyGroups(reason: String) -> Counter {
    registry.counter(
      "thanos_bucket_store_lazy_expanded_posting_groups_total",
      help: "Labels whose postings were not fetched, by the reason.", labels: ["reason": reason])
  }

  subscript(tenant: String) -> TenantFetchMetrics { tenants[tenant] }
}

/// Those of one tenant.
struct TenantFetchMetrics: Sendable {
  let emptyPostings: Counter
  let seriesRefetches: Counter
  let chunkRefetches: Counter
  let postingsDuration: Histogram
  let seriesDuration: Histogram
  let chunksDuration: Histogram
  let codec: CodecMetrics
  private let seriesDurationSum: Histogram
  private let chunksDurationSum: Histogram
  private let postingsSize: Histogram
  private let amounts: [FetchStatistics.Kind: Amounts]

  private struct Amounts: Sendable {
    let touched: Histogram
    let touchedBytes: Histogram
    let fetched: Histogram
    let fetchedBytes: Histogram
  }

  init(_ registry: MetricRegistry, tenant: String) {
    let labels = ["tenant": tenant]
    func counter(_ name: String, _ help: String) -> Counter {
      registry.counter("thanos_bucket_store_" + name, help: help, labels: labels)
    }
    func seconds(_ name: String, _ help: String) -> Histogram {
      registry.histogram(
        "thanos_bucket_store_" + name, help: help, bounds: Histogram.operationBounds,
        labels: labels)
    }
    emptyPostings = counter("empty_postings_total", "Selections of a block that found no series.")
    seriesRefetches = counter(
      "series_refetches_total", "Series entries that were longer than expected.")
    chunkRefetches = counter("chunk_refetches_total", "Chunks that were longer than expected.")
    postingsDuration = seconds(
      "postings_fetch_duration_seconds", "Seconds to have the postings of one block.")
    seriesDuration = seconds(
      "series_fetch_duration_seconds", "Seconds to have a batch of series of one block.")
    chunksDuration = seconds(
      "chunks_fetch_duration_seconds", "Seconds to have a batch of chunks of one block.")
    seriesDurationSum = seconds(
      "series_fetch_duration_sum_seconds", "Seconds to have the series of all blocks of a query.")
    chunksDurationSum = seconds(
      "chunks_fetch_duration_sum_seconds", "Seconds to have the chunks of all blocks of a query.")
    postingsSize = registry.histogram(
      "thanos_bucket_store_postings_size_bytes", help: "Bytes of postings a query touched.",
      bounds: Self.postingsBounds, labels: labels)
    codec = CodecMetrics(registry, tenant: tenant)
    amounts = Dictionary(
      uniqueKeysWithValues: FetchStatistics.Kind.allCases.map { kind in
        (kind, Self.amounts(registry, ["data_type": kind.rawValue, "tenant": tenant]))
      })
  }

  private static let postingsBounds: [Double] = [
    32, 256, 512, 1024, 32_768, 262_144, 524_288, 1_048_576, 33_554_432, 134_217_728,
    268_435_456, 536_870_912, 805_306_368, 1_073_741_824,
  ]

  private static func amounts(
    _ registry: MetricRegistry, _ labels: [String: String]
  ) -> Amounts {
    let items = Histogram.exponentialBounds(start: 200, factor: 2, count: 15)
    let bytes = Histogram.exponentialBounds(start: 1024, factor: 2, count: 15)
    func histogram(_ name: String, _ help: String, _ bounds: [Double]) -> Histogram {
      registry.histogram(
        "thanos_bucket_store_series_" + name, help: help, bounds: bounds, labels: labels)
    }
    return Amounts(
      touched: histogram("data_touched", "Items a query needed, by kind.", items),
      touchedBytes: histogram(
        "data_size_touched_bytes", "Bytes of the items a query needed, by kind.", bytes),
      fetched: histogram("data_fetched", "Items a query fetched from the bucket, by kind.", items),
      fetchedBytes: histogram(
        "data_size_fetched_bytes", "Bytes a query fetched from the bucket, by kind.", bytes))
  }

  func observe(_ statistics: FetchStatistics) {
    for (kind, histograms) in amounts {
      let amount = statistics[kind]
      histograms.touched.observe(Double(amount.touched))
      histograms.touchedBytes.observe(Double(amount.touchedBytes))
      histograms.fetched.observe(Double(amount.fetched))
      histograms.fetchedBytes.observe(Double(amount.fetchedBytes))
    }
    postingsSize.observe(Double(statistics[.postings].touchedBytes))
    seriesDurationSum.observe(statistics[.series].duration)
    chunksDurationSum.observe(statistics[.chunks].duration)
  }
}

/// What packing and unpacking of cached postings costs and saves.
struct CodecMetrics: Sendable {
  struct Operation: Sendable {
    let count: Counter
    let errors: Counter
    let seconds: Counter
  }

  let encode: Operation
  let decode: Operation
  let originalBytes: Counter
  let compressedBytes: Counter

  init(_ registry: MetricRegistry, tenant: String) {
    func operation(_ name: String) -> Operation {
      let labels = ["op": name, "tenant": tenant]
      return Operation(
        count: registry.counter(
          "thanos_bucket_store_cached_postings_compressions_total",
          help: "Lists packed for the cache or unpacked.", labels: labels),
        errors: registry.counter(
          "thanos_bucket_store_cached_postings_compression_errors_total",
          help: "Lists of the cache that could not be unpacked.", labels: labels),
        seconds: registry.counter(
          "thanos_bucket_store_cached_postings_compression_time_seconds_total",
          help: "Seconds spent on packing and unpacking.", labels: labels))
    }
    encode = operation("encode")
    decode = operation("decode")
    originalBytes = registry.counter(
      "thanos_bucket_store_cached_postings_original_size_bytes_total",
      help: "Bytes of lists before they were packed.", labels: ["tenant": tenant])
    compressedBytes = registry.counter(
      "thanos_bucket_store_cached_postings_compressed_size_bytes_total",
      help: "Bytes of lists after they were packed.", labels: ["tenant": tenant])
  }
}
