internal import Telemetry

/// The handles behind ``MeteredBucket``, one set for each operation.
struct BucketMetrics: Sendable {
  struct Handles: Sendable {
    let operations: Counter
    let failures: Counter
    let duration: Histogram
    let transferred: Histogram
    let fetched: Counter
  }

  let lastUpload: Gauge
  private let iter, get, getRange, exists, upload, delete, attributes: Handles

  init(bucket: String, registry: MetricRegistry) {
    func handles(_ operation: BucketOperation) -> Handles {
      let labels = ["bucket": bucket, "operation": operation.rawValue]
      return Handles(
        operations: registry.counter(
          "thanos_objstore_bucket_operations_total",
          help: "Total number of all attempted operations against a bucket.", labels: labels),
        failures: registry.counter(
          "thanos_objstore_bucket_operation_failures_total",
          help: "Total number of operations against a bucket that failed, but were not expected "
            + "to fail in certain way from caller perspective.", labels: labels),
        duration: registry.histogram(
          "thanos_objstore_bucket_operation_duration_seconds",
          help: "Duration of successful operations against the bucket per operation.",
          bounds: Histogram.operationBounds, labels: labels),
        transferred: registry.histogram(
          "thanos_objstore_bucket_operation_transferred_bytes",
          help: "Number of bytes transferred from/to bucket per operation.",
          bounds: Histogram.exponentialBounds(start: 32_768, factor: 2, count: 16),
          labels: labels),
        fetched: registry.counter(
          "thanos_objstore_bucket_operation_fetched_bytes_total",
          help: "Total number of bytes fetched from bucket, per operation.", labels: labels))
    }
    iter = handles(.iter)
    get = handles(.get)
    getRange = handles(.getRange)
    exists = handles(.exists)
    upload = handles(.upload)
    delete = handles(.delete)
    attributes = handles(.attributes)
    lastUpload = registry.gauge(
      "thanos_objstore_bucket_last_successful_upload_time",
      help: "Second timestamp of the last successful upload to the bucket.",
      labels: ["bucket": bucket])
  }

  subscript(operation: BucketOperation) -> Handles {
    switch operation {
    case .iter: iter
    case .get: get
    case .getRange: getRange
    case .exists: exists
    case .upload: upload
    case .delete: delete
    case .attributes: attributes
    }
  }
}
