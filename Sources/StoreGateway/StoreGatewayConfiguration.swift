public import BlockCatalog
public import IndexCache
public import ObjectStore
public import RemoteBlocks
public import ServerRuntime
internal import Telemetry
public import TransportSecurity

extension StoreGatewayService {
  /// What flags decide.
  public struct Configuration: Sendable {
    public var address = ListenAddress(host: "0.0.0.0", port: 10905)
    /// Connections are asked to go elsewhere after this time; their streams finish.
    public var maxConnectionAge = Duration.seconds(3600)
    /// What secures connections; nil for connections that anybody can read.
    public var tls: TLSCredentials?
    public var syncInterval = Duration.seconds(900)
    public var window = ServedWindow.everything
    /// How old a deletion mark must be to hide its block.
    public var deletionDelay = Duration.seconds(24 * 3600)
    /// How old a block must be to be seen.
    public var consistencyDelay = Duration.zero
    /// How much one request may touch. Asked for at every request, because a reload may change it.
    public var limits: @Sendable () -> RequestLimits = { RequestLimits() }
    /// How many Series calls, and how many label calls, run at a time; 0 for any number.
    public var concurrency = 20
    /// Compiled regular expressions to keep; 0 for none.
    public var matcherCacheSize = 0
    /// What all requests may hold together.
    public var memory = MemoryBudget(byteCount: MachineMemory.byteCount / 2)
    /// Blocks that it drops are another gateway's; nil takes them all. Asked for at every sync,
    /// because a reload may change it.
    public var selector: @Sendable () -> RelabelSelector? = { nil }
    /// How blocks are found.
    public var discovery = BlockDiscovery.concurrent
    /// Blocks whose directories are looked at in parallel.
    public var fetchConcurrency = 32
    /// Blocks opened in parallel.
    public var loadConcurrency = 20
    /// Where parts of the indexes of remote blocks are kept in memory.
    public var indexCache = IndexCacheConfiguration(size: ByteSize(byteCount: 250 << 20))
    /// How remote blocks are read.
    public var remote = RemoteBlockOptions()
    /// When index-headers are made, opened and closed.
    public var headers = IndexHeaderLoading()
    /// Bytes of chunks that all requests may have fetched at once from remote blocks.
    public var chunkPoolByteCount = 2 << 30
    /// Where converted blocks lie; blocks that they were made from are not served. Nil for nowhere.
    public var convertedBlocks: (any Bucket)?
    /// Where to keep what is known of remote blocks; nil keeps nothing. A bucket with local files
    /// needs no such copies.
    public var dataDirectory: String?

    public init() {}
  }

  /// When index-headers of remote blocks are made, opened and closed.
  public struct IndexHeaderLoading: Equatable, Sendable {
    /// Open headers at their first use and close them when nobody has used them for a while.
    public var isLazy = true
    /// With lazy headers: do not even make the file before the first use.
    public var downloadsAtUse = false
    /// How long an open header may be unused.
    public var idleTimeout = Duration.seconds(300)

    public init() {}
  }
}
