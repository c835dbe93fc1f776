internal import Glibc

/// The jobs of an executor and the threads that run them.
///
/// The threads own the queue, not the executor, so the executor can go away, even on one of them.
@safe final class JobQueue: @unchecked Sendable {
  struct Job {
    let job: UnownedJob
    let executor: BlockingExecutor

    func run() {
      unsafe job.runSynchronously(on: executor.asUnownedTaskExecutor())
    }
  }

  // SAFETY: both are initialised in `init`, destroyed in `deinit` when no thread can use them, and
  // never move. All other properties are used under the mutex only.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let workArrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private let threadLimit: Int
  private var threadCount = 0
  private var idleCount = 0
  private var isStopped = false
  /// Newest last.
  private var arrived: [Job] = []
  /// Newest first, so that taking the oldest is cheap.
  private var next: [Job] = []

  init(threadLimit: Int) {
    self.threadLimit = threadLimit
    // SAFETY: see the properties.
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe workArrived.initialize(to: pthread_cond_t())
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(workArrived, nil)
  }

  func append(_ job: Job) {
    lock()
    arrived.append(job)
    let waiting = arrived.count + next.count
    let needsThread = idleCount < waiting && threadCount < threadLimit
    if needsThread { threadCount += 1 }
    // SAFETY: see the properties.
    unsafe pthread_cond_signal(workArrived)
    unlock()
    if needsThread { startThread() }
  }

  var load: BlockingExecutor.Load {
    lock()
    defer { unlock() }
    return BlockingExecutor.Load(
      threads: threadCount, limit: threadLimit, idle: idleCount,
      waiting: arrived.count + next.count)
  }

  /// Ends the threads when the queue is empty.
  func stop() {
    lock()
    isStopped = true
    // SAFETY: see the properties.
    unsafe pthread_cond_broadcast(workArrived)
    unlock()
  }

  private func runJobs() {
    while let job = takeJob() {
      job.run()
    }
  }

  private func takeJob() -> Job? {
    lock()
    defer { unlock() }
    while true {
      if next.isEmpty {
        next = arrived.reversed()
        arrived.removeAll()
      }
      if let job = next.popLast() { return job }
      if isStopped { return nil }
      idleCount += 1
      // SAFETY: see the properties; the mutex is held.
      unsafe pthread_cond_wait(workArrived, mutex)
      idleCount -= 1
    }
  }

  private func startThread() {
    var thread = pthread_t()
    // SAFETY: the retain made here is the one the thread consumes.
    let context = unsafe Unmanaged.passRetained(self)
    let status = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<JobQueue>.fromOpaque(context).takeRetainedValue().runJobs()
        return nil
      }, context.toOpaque())
    if status == 0 {
      pthread_detach(thread)
      return
    }
    unsafe context.release()
    lock()
    threadCount -= 1
    let isStranded = threadCount == 0
    unlock()
    // Without any thread the caller has to do the work: slow, but nothing hangs.
    if isStranded { drain() }
  }

  private func drain() {
    while let job = takeReadyJob() { job.run() }
  }

  private func takeReadyJob() -> Job? {
    lock()
    defer { unlock() }
    if next.isEmpty {
      next = arrived.reversed()
      arrived.removeAll()
    }
    return next.popLast()
  }

  private func lock() {
    // SAFETY: see the properties.
    unsafe pthread_mutex_lock(mutex)
  }

  private func unlock() {
    // SAFETY: see the properties.
    unsafe pthread_mutex_unlock(mutex)
  }

  deinit {
    // SAFETY: nothing refers to the queue any more, so no thread waits.
    unsafe pthread_cond_destroy(workArrived)
    unsafe pthread_mutex_destroy(mutex)
    unsafe workArrived.deallocate()
    unsafe mutex.deallocate()
  }
}
