internal import Logging
internal import ObjectStore
internal import RemoteCache
internal import Synchronization
internal import Telemetry

/// Values on a local disk, which are there again after a restart. What was damaged meanwhile is
/// noticed and forgotten.
///
/// Opens its files behind the back of whoever asks, and has nothing until then. All work with files
/// is done by threads that may block.
final class DiskCache: SharedCache {
  private enum State {
    case opening([CheckedContinuation<Void, Never>])
    case open(DiskStore)
    case unusable
  }

  /// How long the process before this one may take to end.
  private static let patience = Duration.seconds(3)

  private let state = Mutex(State.opening([]))
  private let queue: DiskWrites
  private let metrics: DiskCacheMetrics

  init(
    _ configuration: DiskCacheConfiguration, name: String, registry: MetricRegistry, logger: Logger
  ) {
    metrics = DiskCacheMetrics(configuration, name: name, registry: registry)
    queue = DiskWrites(metrics: metrics, logger: logger)
    Task { [self] in await open(configuration, logger) }
  }

  /// Waits until the files are open, or found to be unusable.
  func waitUntilOpen() async {
    await withCheckedContinuation { continuation in
      let isDone = state.withLock { state in
        guard case .opening(let waiting) = state else { return true }
        state = .opening(waiting + [continuation])
        return false
      }
      if isDone { continuation.resume() }
    }
  }

  /// Waits until everything that was stored is written.
  func flush() async {
    while queue.isBusy { try? await Task.sleep(for: .milliseconds(2)) }
  }

  func fetch(_ keys: [String]) async -> [[UInt8]?] {
    metrics.requests.increment(by: keys.count)
    guard let store else { return Array(repeating: nil, count: keys.count) }
    let now = WallClock.milliseconds() / 1000
    let found = await onBlockingThread {
      keys.map { key in store.read(Array(key.utf8)) }
    }
    var again: [DiskRecord] = []
    let values = found.map { found -> [UInt8]? in
      guard let (record, isOld) = found, record.end > now else { return nil }
      if isOld { again.append(record) }
      return record.value
    }
    metrics.hits.increment(by: values.count { $0 != nil })
    if !again.isEmpty { queue.append(again, to: store) }
    return values
  }

  func store(_ entries: [(key: String, value: [UInt8])], lifetime: Duration) {
    guard let store else { return }
    let end = WallClock.milliseconds() / 1000 + max(1, lifetime.components.seconds)
    var records: [DiskRecord] = []
    for (key, value) in entries {
      let key = Array(key.utf8)
      guard DiskRecord.fits(key: key, value: value) else {
        metrics.skipped.increment()
        continue
      }
      records.append(DiskRecord(key: key, value: value, end: end))
    }
    queue.append(records, to: store)
  }

  private var store: DiskStore? {
    state.withLock { state in
      if case .open(let store) = state { return store }
      return nil
    }
  }

  private func open(_ configuration: DiskCacheConfiguration, _ logger: Logger) async {
    let next: State
    do throws(DiskStore.Failure) {
      let metrics = metrics
      next = .open(
        try await onBlockingThread { () throws(DiskStore.Failure) in
          let store = try DiskStore(configuration, patience: Self.patience)
          metrics.note(store.size)
          return store
        })
    } catch {
      logger.error(
        "the disk cache cannot be used; it is done without", metadata: ["reason": "\(error.detail)"]
      )
      next = .unusable
    }
    let waiting = state.withLock { state in
      defer { state = next }
      if case .opening(let waiting) = state { return waiting }
      return []
    }
    for continuation in waiting { continuation.resume() }
  }
}
