internal import Telemetry

/// What a caching bucket does, under the names of the reference.
struct CachingBucketMetrics: Sendable {
  struct Operation: Sendable {
    let requests: Counter
    let hits: Counter
  }

  struct Ranges: Sendable {
    let requested: Counter
    let fromCache, fromBucket: Counter
    /// Bytes that came once more, between those that were missing.
    let again: Counter
    let reads, attributes: Operation
  }

  let listings, exists, contents: Operation
  let chunks, indexes: Ranges

  func ranges(_ word: String) -> Ranges { word == CachingRules.indexes ? indexes : chunks }

  init(_ rules: CachingRules, registry: MetricRegistry) {
    func operation(_ name: String, _ word: String) -> Operation {
      let labels = ["operation": name, "config": word]
      return Operation(
        requests: registry.counter(
          "thanos_store_bucket_cache_operation_requests_total",
          help: "Requests to the caching bucket for what it may keep.", labels: labels),
        hits: registry.counter(
          "thanos_store_bucket_cache_operation_hits_total",
          help: "Requests that the cache answered, or the part of them that it did.",
          labels: labels))
    }
    func bytes(_ name: String, _ help: String, _ labels: [String: String]) -> Counter {
      registry.counter("thanos_store_bucket_cache_getrange_\(name)", help: help, labels: labels)
    }
    func ranges(_ word: String) -> Ranges {
      let fetched = "Bytes of ranges, by where they came from."
      return Ranges(
        requested: bytes(
          "requested_bytes_total", "Bytes of ranges that were asked for.", ["config": word]),
        fromCache: bytes(
          "fetched_bytes_total", fetched, ["config": word, "origin": "cache"]),
        fromBucket: bytes(
          "fetched_bytes_total", fetched, ["config": word, "origin": "bucket"]),
        again: bytes(
          "refetched_bytes_total", "Bytes of ranges that were fetched although they were there.",
          ["config": word, "origin": "cache"]),
        reads: operation("get_range", word), attributes: operation("attributes", word))
    }
    listings = operation("iter", CachingRules.listings)
    exists = operation("exists", CachingRules.metas)
    contents = operation("get", CachingRules.metas)
    chunks = ranges(CachingRules.chunks)
    indexes = rules.keepsIndexes ? ranges(CachingRules.indexes) : chunks
  }
}
