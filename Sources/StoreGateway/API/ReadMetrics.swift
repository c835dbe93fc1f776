internal import Telemetry

/// The metrics of one tenant's Series and label calls, under the names that Thanos' dashboards know.
struct ReadMetrics: Sendable {
  let blocksQueried: Histogram
  let resultSeries: Histogram
  let getAllDuration: Histogram
  let mergeDuration: Histogram
  let sentChunkSize: Histogram
  let dropped: [String: Counter]

  init(_ registry: MetricRegistry, tenant: String) {
    let labels = ["tenant": tenant]
    let prefix = "thanos_bucket_store_"
    func histogram(_ name: String, _ help: String, _ bounds: [Double]) -> Histogram {
      registry.histogram(prefix + name, help: help, bounds: bounds, labels: labels)
    }
    let chunkSizes: [Double] =
      [32, 256, 512, 1024, 0x1p15, 0x1p18, 0x1p19, 0x1p20, 0x1p25, 0x1p28, 0x1p29]
    blocksQueried = histogram(
      "series_blocks_queried", "Blocks that a Series call looked at.",
      Histogram.exponentialBounds(start: 1, factor: 2, count: 10))
    resultSeries = histogram(
      "series_result_series", "Series in the answer of a Series call.",
      Histogram.exponentialBounds(start: 100, factor: 2, count: 15))
    getAllDuration = histogram(
      "series_get_all_duration_seconds", "Seconds to select the series of all blocks.",
      Histogram.operationBounds)
    mergeDuration = histogram(
      "series_merge_duration_seconds", "Seconds to read, merge and send the series.",
      Histogram.operationBounds)
    sentChunkSize = histogram(
      "sent_chunk_size_bytes", "Bytes of a chunk that was sent, on average of its frame.",
      chunkSizes)
    dropped = Dictionary(
      uniqueKeysWithValues: ["bytes", "chunks", "series", "memory"].map { reason in
        (
          reason,
          registry.counter(
            prefix + "queries_dropped_total", help: "Calls refused because of a limit.",
            labels: labels.merging(["reason": reason]) { $1 })
        )
      })
  }

  /// Records a whole Series call.
  func observe(_ log: QueryLog) {
    blocksQueried.observe(Double(log.blocks))
    resultSeries.observe(Double(log.resultSeries))
    getAllDuration.observe(log.selecting)
    mergeDuration.observe(log.merging)
  }

  func countDrop(_ error: QueryError) {
    switch error {
    case .limit(let kind, _, _, _): dropped[kind.reason]?.increment()
    case .memory, .chunkPool: dropped["memory"]?.increment()
    default: break
    }
  }
}
