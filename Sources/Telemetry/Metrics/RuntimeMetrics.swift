internal import Glibc

/// Registers what dashboards of Go programs ask for, so that their panels are not empty.
///
/// Each name means the nearest thing this runtime has:
///
///     go_goroutines                  threads, and work that waits for one
///     go_threads                     threads
///     go_memstats_*_alloc_bytes      what the allocator has given out
///     go_memstats_*_alloc_bytes_total  bytes of memory pages touched for the first time
///     go_memstats_heap_idle_bytes    what the allocator keeps of what came back
///     go_memstats_*sys_bytes         what the process took from the system
///     go_memstats_stack_inuse_bytes  stack of the first thread
///     go_gc_duration_seconds         0: there is no collector that would pause the process
public enum RuntimeMetrics {
  /// - Parameter waiting: pieces of work that have no thread at the moment.
  public static func register(
    in registry: MetricRegistry, waiting: @escaping @Sendable () -> Int = { 0 }
  ) {
    registry.gauge(
      "go_info", help: "Information about the runtime.",
      labels: ["version": BuildInfo.runtimeVersion]
    ).set(1)
    registry.gauge(
      "go_goroutines", help: "Number of threads and of pieces of work that wait for one.",
      read: { Double(ProcessThread.count() + waiting()) })
    registry.gauge(
      "go_threads", help: "Number of threads.", read: { Double(ProcessThread.count()) })
    registry.summary(
      "go_gc_duration_seconds", help: "Pauses for the collection of garbage: there are none."
    ) {
      SummaryReading(
        quantiles: [0, 0.25, 0.5, 0.75, 1].map { ($0, 0) }, sum: 0, count: 0)
    }
    registerMemory(in: registry)
  }

  private static func registerMemory(in registry: MetricRegistry) {
    func gauge(
      _ name: String, _ help: String, _ read: @escaping @Sendable (MemoryUsage) -> Int
    ) {
      registry.gauge("go_memstats_" + name, help: help) { Double(read(.current())) }
    }
    gauge("alloc_bytes", "Bytes that the allocator has given out.", \.heapUsed)
    gauge("heap_alloc_bytes", "Bytes that the allocator has given out.", \.heapUsed)
    gauge("heap_inuse_bytes", "Bytes that the allocator has given out.", \.heapUsed)
    gauge("heap_idle_bytes", "Bytes that the allocator keeps for later.", \.heapIdle)
    gauge("heap_sys_bytes", "Bytes that the allocator took from the system.") {
      $0.heapUsed + $0.heapIdle
    }
    gauge("sys_bytes", "Bytes in memory that belong to this process alone.", \.privateBytes)
    gauge("stack_inuse_bytes", "Bytes of the stack of the first thread.", \.stack)
    for name in ["alloc_bytes_total", "heap_alloc_bytes_total"] {
      registry.counter(
        "go_memstats_" + name, help: "Bytes of memory touched for the first time.",
        read: touchedBytes)
    }
  }

  private static func touchedBytes() -> Double {
    var usage = rusage()
    // SAFETY: the call writes one rusage.
    guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
    return Double(usage.ru_minflt) * Double(sysconf(CInt(_SC_PAGESIZE)))
  }
}
