internal import Glibc
internal import Synchronization

/// Tells which entries of directories change, through inotify.
///
///     watch(a) watch(b) ──► changes() ──► a: {meta.json}, b: {index, meta.json}
///
/// Looks into the directories themselves only, not below them. The kernel limits the number of
/// watches; directories beyond the limit have their time of modification looked at every second,
/// which notices new and removed entries but neither their names nor a file rewritten in place.
/// What another host does on a network file system is not noticed either way.
public final class DirectoryWatcher: Sendable {
  private struct State {
    var paths: [CInt: String] = [:]
    var numbers: [String: CInt] = [:]
    var polled: [String: DirectoryTime] = [:]
  }

  private let queue: InotifyQueue?
  private let watchLimit: Int
  private let pollInterval: Duration
  private let state = Mutex(State())
  /// Waits for the kernel; nobody else may be kept waiting with it.
  private let executor = BlockingExecutor(threadLimit: 1)

  /// - Parameters:
  ///   - watchLimit: how many directories are watched through the kernel at most.
  ///   - pollInterval: how often the others are looked at.
  public init(watchLimit: Int = .max, pollInterval: Duration = .seconds(1)) {
    // Without a queue of its own, of which a user may have few, everything is polled.
    queue = watchLimit > 0 ? try? InotifyQueue() : nil
    self.watchLimit = watchLimit
    self.pollInterval = pollInterval
  }

  /// Directories that are looked at from time to time, because the kernel watches no more.
  public var polledCount: Int { state.withLock { $0.polled.count } }

  /// Begins to watch a directory; changes from now on are told. Watching it twice is as once.
  ///
  /// One that does not exist is waited for. Blocking.
  public func watch(_ directory: String) {
    let isPolled = state.withLock { state in
      if let queue, state.numbers.count < watchLimit, let number = try? queue.add(directory) {
        state.paths[number] = directory
        state.numbers[directory] = number
        state.polled[directory] = nil
        return false
      }
      if state.polled[directory] == nil { state.polled[directory] = time(of: directory) }
      return true
    }
    // Whoever waits without an end has to look at this one from time to time.
    if isPolled { queue?.wake() }
  }

  /// Stops watching a directory.
  public func unwatch(_ directory: String) {
    state.withLock { state in
      state.polled[directory] = nil
      guard let number = state.numbers.removeValue(forKey: directory) else { return }
      state.paths[number] = nil
      queue?.remove(number)
    }
  }

  /// Waits for a change, then for `window`, because changes come in bursts, and returns them all.
  ///
  /// Empty when the task is cancelled, which ends the wait at once. One call at a time.
  public func changes(within window: Duration) async -> DirectoryChanges {
    await withTaskCancellationHandler {
      await onBlockingThread(executor: executor) { collect(within: window) }
    } onCancel: {
      queue?.wake()
    }
  }

  // MARK: - On the thread that waits

  private func collect(within window: Duration) -> DirectoryChanges {
    var changes = DirectoryChanges()
    var deadline: ContinuousClock.Instant?
    var nextPoll = ContinuousClock.now
    while !Task.isCancelled {
      note(queue?.events() ?? [], in: &changes)
      if nextPoll <= .now {
        poll(into: &changes)
        nextPoll = .now + pollInterval
      }
      if let deadline, deadline <= .now { return changes }
      if deadline == nil, !changes.isEmpty { deadline = .now + window }
      wait(until: deadline)
    }
    return DirectoryChanges()
  }

  private func wait(until deadline: ContinuousClock.Instant?) {
    let rest = deadline.map { max($0 - .now, .zero) }
    guard let queue else {
      // No queue, no wake: a wait as short as a cancellation may take.
      usleep(useconds_t(Self.milliseconds(min(rest ?? pollInterval, .milliseconds(100)))) * 1000)
      return
    }
    let isPolling = state.withLock { !$0.polled.isEmpty }
    let limit = isPolling ? min(rest ?? pollInterval, pollInterval) : rest
    queue.wait(milliseconds: limit.map(Self.milliseconds) ?? -1)
  }

  /// Rounded up: a wait that is too short spins.
  private static func milliseconds(_ duration: Duration) -> CInt {
    CInt(clamping: Int64((duration / .milliseconds(1)).rounded(.up)))
  }

  private func note(_ events: [InotifyQueue.Event], in changes: inout DirectoryChanges) {
    guard !events.isEmpty else { return }
    state.withLock { state in
      for event in events {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { changes.isIncomplete = true }
        guard let directory = state.paths[event.directory] else { continue }
        if event.mask & UInt32(IN_IGNORED) != 0 {
          changes.directories.insert(directory)
          state.paths[event.directory] = nil
          // It may have been made and watched again meanwhile.
          guard state.numbers[directory] == event.directory else { continue }
          // The directory is gone. Should it come back, its time will tell.
          state.numbers[directory] = nil
          state.polled[directory] = time(of: directory)
        } else if event.name.isEmpty {
          changes.directories.insert(directory)
        } else {
          changes.add(event.name, in: directory)
        }
      }
    }
  }

  private func time(of directory: String) -> DirectoryTime {
    DirectoryTime(directory, youth: max(pollInterval * 2, .milliseconds(20)))
  }

  private func poll(into changes: inout DirectoryChanges) {
    let polled = state.withLock { $0.polled }
    for (directory, known) in polled {
      let current = time(of: directory)
      guard known.mayDiffer(from: current) else { continue }
      changes.directories.insert(directory)
      state.withLock { state in
        if state.polled[directory] != nil { state.polled[directory] = current }
      }
    }
  }
}
