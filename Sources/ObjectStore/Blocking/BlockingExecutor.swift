internal import Glibc

/// Runs work that may wait for a disk on threads of its own.
///
/// A task that prefers this executor never holds a thread of the cooperative pool or an event
/// loop while the kernel makes it wait:
///
///     let bytes = try await onBlockingThread { try readEverything(path) }
///
/// Threads start when work finds no idle one, up to the limit, and then stay. Work beyond that
/// waits in order; it is suspended tasks that wait, so what bounds the queue is what bounds the
/// number of tasks. Hop once per batch, not per item: a hop costs about half a microsecond.
public final class BlockingExecutor: TaskExecutor {
  /// Executor of file system calls, with 16 threads at most.
  public static let shared = BlockingExecutor(threadLimit: 16)

  private let queue: JobQueue

  public init(threadLimit: Int) {
    precondition(threadLimit > 0, "an executor needs a thread")
    queue = JobQueue(threadLimit: threadLimit)
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    queue.append(JobQueue.Job(job: UnownedJob(job), executor: self))
  }

  /// How busy an executor is.
  public struct Load: Equatable, Sendable {
    /// Threads that were started so far, and the most there may be.
    public var threads: Int
    public var limit: Int
    /// Threads without work.
    public var idle: Int
    /// Pieces of work without a thread.
    public var waiting: Int
  }

  /// As it is now.
  public var load: Load { queue.load }

  deinit {
    queue.stop()
  }
}

/// Runs `body`, which may block, on a thread made for that.
@concurrent
public func onBlockingThread<Value: Sendable, Failure: Error>(
  executor: BlockingExecutor = .shared,
  _ body: @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
  try await withTaskExecutorPreference(executor) { () async throws(Failure) -> Value in
    try body()
  }
}

/// Runs `body`, whose tasks may block, on threads made for that.
@concurrent
public func onBlockingThreads<Value: Sendable, Failure: Error>(
  executor: BlockingExecutor = .shared,
  _ body: @Sendable () async throws(Failure) -> Value
) async throws(Failure) -> Value {
  try await withTaskExecutorPreference(executor) { () async throws(Failure) -> Value in
    try await body()
  }
}
