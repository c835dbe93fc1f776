public import Logging
public import ObjectStore
internal import RemoteCache
public import Telemetry

/// Which index cache to use: the document behind `--index-cache.config` and
/// `--index-cache.config-file`.
///
///     type: IN-MEMORY                                         MEMCACHED or REDIS
///     config:                                                 addresses or addr, …
///       max_size: 250MiB
///       max_item_size: 125MiB
///     enabled_items: [Postings, Series, ExpandedPostings]     all, if left out or empty
///     ttl: 24h                                                for shared caches only
///     in_memory:                                              before a shared cache; ours
///       max_size: 100MiB
public struct IndexCacheConfiguration: Sendable {
  /// Where items are kept beside the memory of this process.
  enum Shared: Equatable, Sendable {
    case memcached(MemcachedConfiguration)
    case redis(RedisConfiguration)
  }

  /// What all items in memory may be charged, and one of them. 0 for none.
  public let maximumSize: ByteSize
  public let maximumItemSize: ByteSize
  public let enabledKinds: Set<IndexCacheItem.Kind>
  /// Nil for memory alone.
  let shared: Shared?
  /// Of items in shared caches.
  let lifetime: Duration

  static let defaultSize = ByteSize(byteCount: 250 << 20)
  static let defaultItemSize = ByteSize(byteCount: 125 << 20)
  static let defaultLifetime = Duration.seconds(24 * 3600)

  /// A cache in memory with the size that `--index-cache-size` gives.
  public init(size: ByteSize) {
    self.init(maximumSize: size, maximumItemSize: Self.smaller(Self.defaultItemSize, size))
  }

  init(
    maximumSize: ByteSize, maximumItemSize: ByteSize,
    enabledKinds: Set<IndexCacheItem.Kind> = Set(IndexCacheItem.Kind.allCases),
    shared: Shared? = nil, lifetime: Duration = defaultLifetime
  ) {
    self.maximumSize = maximumSize
    self.maximumItemSize = maximumItemSize
    self.enabledKinds = enabledKinds
    self.shared = shared
    self.lifetime = lifetime
  }

  /// Reads the files that the configuration names, as using it will.
  ///
  /// - Throws: an error that names the file.
  public func checkFiles() async throws(ConfigurationError) {
    if case .redis(let redis) = shared { try await redis.checkFiles() }
  }

  /// The cache. Connects to nothing yet.
  public func makeCache(registry: MetricRegistry, logger: Logger) -> any IndexCache {
    let memory =
      maximumSize.byteCount > 0
      ? InMemoryIndexCache(
        maximumSize: maximumSize.byteCount, maximumItemSize: maximumItemSize.byteCount,
        enabledKinds: enabledKinds, registry: registry) : nil
    guard let shared else { return memory ?? NoIndexCache() }
    let name = "index-cache"
    let client: any SharedCache =
      switch shared {
      case .memcached(let configuration):
        MemcachedClient(configuration, name: name, registry: registry, logger: logger)
      case .redis(let configuration):
        RedisClient(configuration, name: name, registry: registry, logger: logger)
      }
    let remote = RemoteIndexCache(
      client, enabledKinds: enabledKinds, lifetime: lifetime, isBehindAnother: memory != nil,
      metrics: IndexCacheMetrics(registry: registry))
    return memory.map { LayeredIndexCache(near: $0, far: remote) } ?? remote
  }

  static func smaller(_ left: ByteSize, _ right: ByteSize) -> ByteSize {
    left.byteCount < right.byteCount ? left : right
  }
}
