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
  struct State {
    var open: IndexHeader?
    var closed: (tables: ClosedIndexHeader, file: IndexHeaderFile.Identity)?
    /// The file that ``open`` was read from, nil when it is in memory only.
    var identity: IndexHeaderFile.Identity?
    /// Whether it was compared with the index in the bucket.
    var isCompared = false
    var lastUse = ContinuousClock.now
    /// When damage made somebody ask whether the header is out of date.
    var lastDoubt: ContinuousClock.Instant?
    var failures = 0
    var failure: (error: RemoteBlockError, until: ContinuousClock.Instant)?
    var isRemoved = false
  }

  let download: IndexHeaderDownload
  /// Nil when there is no data directory.
  let file: IndexHeaderFile?
  private let isLazy: Bool
  private let retries: RetryPolicy
  let metrics: IndexHeaderMetrics
  let logger: Logger
  let state = Mutex(State())
  /// Ends with nil when only the file was made.
  private let flight = FetchFlight<IndexHeader?>()

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
      let header = try await flight.fetch { [self] () async throws(RemoteBlockError) in
        try await opened()
      }
      if let header { return header }
    }
  }

  /// Makes the file without opening it.
  func prepare() async throws(RemoteBlockError) {
    guard let file else { return }
    _ = try await flight.fetch { [self] () async throws(RemoteBlockError) in
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
  /// made from; nil if it is the same. For those who found damage where the header led them: they
  /// may be many, and the bucket is not asked for each.
  func replacement(for header: IndexHeader) async throws(RemoteBlockError) -> IndexHeader? {
    let now = ContinuousClock.now
    let (open, isDue) = state.withLock { state in
      let isDue = state.lastDoubt.map { now - $0 >= retries.maxDelay } ?? true
      if isDue { state.lastDoubt = now }
      return (state.open, isDue)
    }
    if let open, !Self.isSame(open, header) { return open }
    guard isDue, await isStale(header) == true else { return nil }
    state.withLock { state in
      state.open = nil
      state.closed = nil
    }
    return try await get()
  }

  private static func isSame(_ left: IndexHeader, _ right: IndexHeader) -> Bool {
    left.tableOfContents == right.tableOfContents && left.indexByteCount == right.indexByteCount
  }

  /// Removes the file, also one that is being made. Queries that still read the block keep the
  /// header as long as they last, or get one in memory.
  func remove() async {
    state.withLock { state in
      state.isRemoved = true
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

  func keep(
    _ header: IndexHeader, _ identity: IndexHeaderFile.Identity?, isCompared: Bool
  ) {
    state.withLock { state in
      state.failures = 0
      state.failure = nil
      state.closed = nil
      state.isCompared = isCompared
      state.identity = identity
      state.lastUse = .now
      state.open = header
    }
  }
}
