public import Logging
public import ObjectStore
internal import RemoteCache
public import Telemetry

/// How a bucket is cached: the document behind `--store.caching-bucket.config` and
/// `--store.caching-bucket.config-file`.
///
///     type: IN-MEMORY                    MEMCACHED, REDIS, or DISK, which is ours
///     config: …                          of the cache
///     chunk_subrange_size: 16000
///     max_chunks_get_range_requests: 3
///     metafile_max_size: 1MiB
///     chunk_object_attrs_ttl: 24h        and others, for how long what is kept
public struct CachingBucketConfiguration: Sendable {
  enum Store: Equatable, Sendable {
    case memory(size: ByteSize, itemSize: ByteSize)
    case memcached(MemcachedConfiguration)
    case redis(RedisConfiguration)
    case disk(DiskCacheConfiguration)
  }

  let store: Store
  let rules: CachingRules
  /// Of the document, in keys of listings.
  let hash: String

  /// What metrics call the cache.
  private static let name = "caching-bucket"

  /// Reads the files that the configuration names, as using it will.
  ///
  /// - Throws: an error that names the file.
  public func checkFiles() async throws(ConfigurationError) {
    if case .redis(let redis) = store { try await redis.checkFiles() }
  }

  /// The bucket, with what is read of it kept. Connects to nothing yet.
  public func makeBucket(
    over bucket: any Bucket, registry: MetricRegistry, logger: Logger
  ) -> any Bucket {
    CachingBucket(
      bucket, cache: makeCache(registry: registry, logger: logger), rules: rules, hash: hash,
      registry: registry)
  }

  private func makeCache(registry: MetricRegistry, logger: Logger) -> any SharedCache {
    let name = Self.name
    switch store {
    case .memory(let size, let itemSize):
      return MemoryCache(
        maximumSize: size.byteCount, maximumItemSize: itemSize.byteCount, name: name,
        registry: registry)
    case .memcached(let configuration):
      return CountedCache(
        MemcachedClient(configuration, name: name, registry: registry, logger: logger),
        kind: "memcached", name: name, registry: registry)
    case .redis(let configuration):
      let redis = CountedCache(
        RedisClient(configuration, name: name, registry: registry, logger: logger),
        kind: "redis", name: name, registry: registry)
      let size = configuration.memorySize.byteCount
      guard size > 0 else { return redis }
      let memory = MemoryCache(
        maximumSize: size, maximumItemSize: size, name: name, registry: registry)
      return LayeredCache(near: memory, far: redis)
    case .disk(let configuration):
      return DiskCache(configuration, name: name, registry: registry, logger: logger)
    }
  }
}
