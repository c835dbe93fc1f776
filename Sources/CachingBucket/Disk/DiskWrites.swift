internal import Logging
internal import ObjectStore
internal import Synchronization
internal import Telemetry

/// Writes records behind the back of whoever has them, one batch at a time. What finds no room among
/// those that wait is left out.
final class DiskWrites: Sendable {
  private struct State {
    var pending: [DiskRecord] = []
    var byteCount = 0
    var isWriting = false
    var hasFailed = false
  }

  private let state = Mutex(State())
  private let metrics: DiskCacheMetrics
  private let logger: Logger

  /// Bytes that may wait.
  private static let byteLimit = 64 << 20

  init(metrics: DiskCacheMetrics, logger: Logger) {
    self.metrics = metrics
    self.logger = logger
  }

  var isBusy: Bool { state.withLock { $0.isWriting } }

  func append(_ records: [DiskRecord], to store: DiskStore) {
    let begins = state.withLock { state in
      for record in records {
        guard state.byteCount + record.value.count <= Self.byteLimit else {
          metrics.skipped.increment()
          continue
        }
        state.pending.append(record)
        state.byteCount += record.value.count + record.key.count
      }
      guard !state.isWriting, !state.pending.isEmpty else { return false }
      state.isWriting = true
      return true
    }
    if begins { Task.detached { await self.writeAll(to: store) } }
  }

  private func writeAll(to store: DiskStore) async {
    while let batch = takeBatch() {
      await onBlockingThread {
        self.write(batch, to: store)
        self.metrics.note(store.size)
      }
    }
  }

  private func takeBatch() -> [DiskRecord]? {
    state.withLock { state in
      guard !state.pending.isEmpty else {
        state.isWriting = false
        return nil
      }
      defer {
        state.pending = []
        state.byteCount = 0
      }
      return state.pending
    }
  }

  private func write(_ batch: [DiskRecord], to store: DiskStore) {
    do throws(DiskFile.Failure) {
      try store.append(batch)
      metrics.written.increment(by: batch.count)
      state.withLock { $0.hasFailed = false }
    } catch {
      metrics.failures.increment()
      // A full disk is the others' too.
      store.removeOldest()
      let isFirst = state.withLock { state in
        defer { state.hasFailed = true }
        return !state.hasFailed
      }
      if isFirst {
        logger.warning(
          "cannot write to the disk cache; its oldest file is removed",
          metadata: ["errno": "\(error.number)"])
      }
    }
  }
}
