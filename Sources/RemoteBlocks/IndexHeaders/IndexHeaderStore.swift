public import Logging
internal import ObjectStore
internal import Synchronization
public import TSDBBlock

/// The index-headers of all blocks of a bucket: files `<data-dir>/<ULID>/index-header`, byte for
/// byte those of Thanos, or bytes in memory when there is no data directory.
public final class IndexHeaderStore: Sendable {
  public struct Configuration: Equatable, Sendable {
    /// Where the files are; nil for none.
    public var dataDirectory: String?
    /// Open headers at their first use and close them when nobody has used them for a while.
    public var isLazy: Bool
    /// With lazy headers: do not even make the file before the first use.
    public var downloadsAtUse: Bool
    /// How long an open header may be unused; nil for ever.
    public var idleTimeout: Duration?

    public init(
      dataDirectory: String?, isLazy: Bool = true, downloadsAtUse: Bool = false,
      idleTimeout: Duration? = .seconds(300)
    ) {
      self.dataDirectory = dataDirectory
      self.isLazy = isLazy
      self.downloadsAtUse = downloadsAtUse
      self.idleTimeout = idleTimeout
    }
  }

  private let configuration: Configuration
  private let reader: RangeReader
  private let metrics: IndexHeaderMetrics
  private let retries: RetryPolicy
  private let logger: Logger
  private let headers = Mutex<[BlockID: RemoteIndexHeader]>([:])

  /// - Parameter retries: how long a failure to open a header is remembered: the delays alone
  ///   count.
  public init(
    _ configuration: Configuration, reader: RangeReader, metrics: IndexHeaderMetrics,
    logger: Logger, retries: RetryPolicy = RetryPolicy(maxDelay: .seconds(30))
  ) {
    self.configuration = configuration
    self.reader = reader
    self.metrics = metrics
    self.retries = retries
    self.logger = logger
  }

  /// Gets the header of a block ready: opens it, or makes its file, or does nothing, as
  /// configured.
  ///
  /// - Throws: `vanished` when the block has no index, `unavailable` when the bucket fails,
  ///   `damaged` when the index is, `unwritable` when the data directory takes no file.
  public func load(_ id: BlockID) async throws(RemoteBlockError) {
    let header = header(of: id)
    // Without a file nothing can be made ready but the header itself.
    let opens = !configuration.isLazy || configuration.dataDirectory == nil
    if configuration.isLazy, configuration.downloadsAtUse { return }
    if opens {
      _ = try await header.get()
    } else {
      try await header.prepare()
    }
  }

  /// Forgets a block and removes its directory. Queries under way keep what they have.
  public func remove(_ id: BlockID) async {
    if let header = headers.withLock({ $0.removeValue(forKey: id) }) {
      await header.remove()
    } else if let file = file(of: id) {
      await onBlockingThread { file.remove() }
    }
  }

  /// Removes what the data directory holds of blocks other than these.
  public func removeAll(except wanted: Set<BlockID>) async {
    var unwanted = headers.withLock { Set($0.keys) }.subtracting(wanted)
    if let directory = configuration.dataDirectory {
      let names = await onBlockingThread { (try? FileSystem.names(in: directory)) ?? [] }
      unwanted.formUnion(names.compactMap { BlockID($0) }.filter { !wanted.contains($0) })
    }
    for id in unwanted { await remove(id) }
  }

  /// Closes lazy headers that nobody has used for `duration`.
  public func closeUnused(for duration: Duration) {
    guard configuration.isLazy else { return }
    let instant = ContinuousClock.now - duration
    for header in headers.withLock({ Array($0.values) }) { header.close(unusedSince: instant) }
  }

  /// Closes unused headers from time to time, until the task is cancelled.
  public func run() async {
    guard configuration.isLazy, let timeout = configuration.idleTimeout else { return }
    while !Task.isCancelled {
      try? await Task.sleep(for: max(timeout / 10, .milliseconds(100)))
      closeUnused(for: timeout)
    }
  }

  /// Number of headers that are open now.
  public var openCount: Int { headers.withLock { $0.values.count { $0.isOpen } } }

  /// The header of a block; the same one until the block is removed.
  func header(of id: BlockID) -> RemoteIndexHeader {
    guard let index = try? ObjectName("\(id)/index") else {
      preconditionFailure("a block's identity cannot be in a name")
    }
    return headers.withLock { headers in
      if let known = headers[id] { return known }
      let made = RemoteIndexHeader(
        IndexHeaderDownload(reader: reader, index: index), file: file(of: id),
        isLazy: configuration.isLazy, retries: retries, metrics: metrics,
        logger: logger)
      headers[id] = made
      return made
    }
  }

  private func file(of id: BlockID) -> IndexHeaderFile? {
    configuration.dataDirectory.map { IndexHeaderFile(directory: "\($0)/\(id)") }
  }
}
