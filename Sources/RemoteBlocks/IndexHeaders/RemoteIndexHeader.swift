internal import Logging
internal import ObjectStore
internal import Synchronization
internal import TSDBBlock
internal import Telemetry

/// The index-header of one block: made from the bucket when there is none, opened at its first
/// use, closed when nobody has used it for a while.
///
///     bucket ─► file ─► open, verified ⇄ closed: what verifying found is kept
///
/// Opening is done once however many ask. A failure is answered again for a short time, which
/// doubles with each, and then the next use tries anew.
final class RemoteIndexHeader: Sendable {
  private struct State {
    var open: IndexHeader?
    var closed: (tables: ClosedIndexHeader, file: IndexHeaderFile.Identity)?
    /// The file that ``open`` was read from, nil when it is in memory only.
    var identity: IndexHeaderFile.Identity?
    /// Whether it was compared with the index in the bucket.
    var isCompared = false
    var lastUse = ContinuousClock.now
    var failures = 0
    var failure: (error: RemoteBlockError, until: ContinuousClock.Instant)?
    var isRemoved = false
  }

  private let download: IndexHeaderDownload
  /// Nil when there is no data directory.
  private let file: IndexHeaderFile?
  private let isLazy: Bool
  private let retries: RetryPolicy
  private let metrics: IndexHeaderMetrics
  private let logger: Logger
  private let state = Mutex(State())
  /// Ends with nil when only the file was made.
  private let flight = SingleFlight<IndexHeader?>()

  init(
    _ download: IndexHeaderDownload, file: IndexHeaderFile?, isLazy: Bool, retries: RetryPolicy,
    metrics: IndexHeaderMetrics, logger: Logger
  ) {
    self.download = download
    self.file = file
    self.isLazy = isLazy
    self.retries = retries
    self.metrics = metrics
    self.logger = logger
  }

  /// The header, open and verified. It stays valid for whoever holds it.
  func get() async throws(RemoteBlockError) -> IndexHeader {
    let open = state.withLock { state -> IndexHeader? in
      state.lastUse = .now
      return state.open
    }
    if let open { return open }
    while true {
      let header = try await flight.run { [self] () async throws(RemoteBlockError) in
        try await opened()
      }
      if let header { return header }
    }
  }

  /// Makes the file without opening it.
  func prepare() async throws(RemoteBlockError) {
    guard let file else { return }
    _ = try await flight.run { [self] () async throws(RemoteBlockError) in
      if await onBlockingThread({ file.identity }) == nil { try await make(file) }
      return nil
    }
  }

  var isOpen: Bool { state.withLock { $0.open != nil } }

  /// Closes the header when it was not used since `instant` and can be opened again from a file.
  func close(unusedSince instant: ContinuousClock.Instant) {
    let isClosed = state.withLock { state in
      guard let open = state.open, let identity = state.identity, state.lastUse <= instant else {
        return false
      }
      state.closed = (ClosedIndexHeader(open), identity)
      state.open = nil
      return true
    }
    if isClosed { metrics.unloads.increment() }
  }

  /// The header of the index that is in the bucket now, if that is another one than `header` was
  /// made from; nil if it is the same. For those who found damage where the header led them.
  func replacement(for header: IndexHeader) async throws(RemoteBlockError) -> IndexHeader? {
    state.withLock { state in
      state.isCompared = false
      if let open = state.open, let identity = state.identity {
        state.closed = (ClosedIndexHeader(open), identity)
      }
      state.open = nil
    }
    let current = try await get()
    return current.tableOfContents == header.tableOfContents
      && current.indexByteCount == header.indexByteCount ? nil : current
  }

  /// Closes the header and removes its file, also one that is being made.
  func remove() async {
    state.withLock { state in
      state.isRemoved = true
      state.open = nil
      state.closed = nil
    }
    if let file { await onBlockingThread { file.remove() } }
  }

  // MARK: Opening

  private func opened() async throws(RemoteBlockError) -> IndexHeader {
    let (open, failure) = state.withLock { ($0.open, $0.failure) }
    if let open { return open }
    if let failure, ContinuousClock.now < failure.until { throw failure.error }
    if isLazy { metrics.lazyLoads.increment() }
    let start = ContinuousClock.now
    do throws(RemoteBlockError) {
      let header: IndexHeader
      if let again = try await reopened() { header = again } else { header = try await load() }
      if isLazy { metrics.lazyLoadDuration.observe(start.duration(to: .now)) }
      return header
    } catch {
      if isLazy { metrics.lazyLoadFailures.increment() }
      state.withLock { state in
        state.failures += 1
        state.failure = (error, .now + retries.delay(after: state.failures))
      }
      throw error
    }
  }

  private func keep(
    _ header: IndexHeader, _ identity: IndexHeaderFile.Identity?, isCompared: Bool
  ) {
    state.withLock { state in
      state.failures = 0
      state.failure = nil
      state.closed = nil
      state.isCompared = isCompared
      state.identity = identity
      state.lastUse = .now
      if !state.isRemoved { state.open = header }
    }
  }

  /// The header over the same file as before; nil when it was never open or the file changed.
  private func reopened() async throws(RemoteBlockError) -> IndexHeader? {
    guard let file, let closed = state.withLock({ $0.closed }) else { return nil }
    let header = await onBlockingThread { () -> IndexHeader? in
      guard file.identity == closed.file, let bytes = try? file.map(),
        file.identity == closed.file
      else { return nil }
      return closed.tables.opened(on: bytes)
    }
    guard let header else { return nil }
    var isCompared = state.withLock { $0.isCompared }
    if !isCompared {
      let isStale = await isStale(header)
      if isStale == true { return nil }
      isCompared = isStale == false
    }
    keep(header, closed.file, isCompared: isCompared)
    return header
  }

  private func load() async throws(RemoteBlockError) -> IndexHeader {
    let start = ContinuousClock.now
    defer { metrics.loadDuration.observe(start.duration(to: .now)) }
    guard let file else { return try await loadIntoMemory() }
    // A file that cannot be read is made anew, whatever is wrong with it.
    do throws(RemoteBlockError) {
      let (header, identity) = try await verified(file)
      let isStale = await isStale(header)
      if isStale != true {
        keep(header, identity, isCompared: isStale == false)
        return header
      }
      logger.info("an index-header is out of date and made anew", metadata: fileMetadata)
    } catch {
      if case .damaged(let error) = error, error.code != .missing {
        logger.warning(
          "an index-header is made anew: \(error)", metadata: fileMetadata)
      }
    }
    try await make(file)
    let (header, identity) = try await verified(file)
    keep(header, identity, isCompared: true)
    return header
  }

  private var fileMetadata: Logger.Metadata { ["file": "\(file?.path ?? "")"] }

  private func verified(
    _ file: IndexHeaderFile
  ) async throws(RemoteBlockError) -> (IndexHeader, IndexHeaderFile.Identity?) {
    do throws(BlockError) {
      return try await onBlockingThread { () throws(BlockError) in
        let identity = file.identity
        let header = try IndexHeader(file.map(), path: file.path)
        // A file that changes while it is read is not remembered.
        return (header, file.identity == identity ? identity : nil)
      }
    } catch {
      throw .damaged(error)
    }
  }

  /// Whether the index in the bucket is another one than the header was made from; nil when the
  /// bucket does not tell now. Then the header is used, and compared when it is opened again:
  /// what is read with its help has checksums of its own.
  private func isStale(_ header: IndexHeader) async -> Bool? {
    do throws(RemoteBlockError) {
      let byteCount = try await download.indexByteCount()
      guard byteCount == header.indexByteCount else { return true }
      let contents = try await download.tableOfContents(indexByteCount: byteCount)
      return contents != header.tableOfContents
    } catch {
      if case .damaged = error { return true }
      return nil
    }
  }

  // MARK: Making

  private func make(_ file: IndexHeaderFile) async throws(RemoteBlockError) {
    let start = ContinuousClock.now
    let layout = try await download.layout()
    let writer = try await Self.writing { () throws(BlockError) in try file.makeWriter() }
    try await download.copy(layout) { (bytes, offset) async throws(RemoteBlockError) in
      try await Self.writing { () throws(BlockError) in try writer.write(bytes, at: offset) }
    }
    try await Self.writing { () throws(BlockError) in try file.publish(writer) }
    metrics.downloadDuration.observe(start.duration(to: .now))
    if state.withLock({ $0.isRemoved }) { await onBlockingThread { file.remove() } }
  }

  private static func writing<Value: Sendable>(
    _ body: @Sendable () throws(BlockError) -> Value
  ) async throws(RemoteBlockError) -> Value {
    do throws(BlockError) {
      return try await onBlockingThread(body)
    } catch {
      throw .damaged(error)
    }
  }

  private func loadIntoMemory() async throws(RemoteBlockError) -> IndexHeader {
    let start = ContinuousClock.now
    let layout = try await download.layout()
    var bytes = [UInt8](repeating: 0, count: download.byteCount(layout))
    try await download.copy(layout) { (piece, offset) async throws(RemoteBlockError) in
      bytes.replaceSubrange(offset..<offset + piece.count, with: piece)
    }
    metrics.downloadDuration.observe(start.duration(to: .now))
    do throws(BlockError) {
      let header = try IndexHeader(ByteSlice(ByteStorage(bytes)), path: download.index.text)
      keep(header, nil, isCompared: true)
      return header
    } catch {
      throw .damaged(error)
    }
  }
}
