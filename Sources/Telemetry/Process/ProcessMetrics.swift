internal import Glibc

/// Registers the `process_*` metrics that Prometheus clients export, read from `/proc/self`.
///
/// A value the system does not give reads as 0.
public enum ProcessMetrics {
  public static func register(in registry: MetricRegistry) {
    registry.counter(
      "process_cpu_seconds_total", help: "Total user and system CPU time spent in seconds.",
      read: cpuSeconds)
    registry.gauge(
      "process_resident_memory_bytes", help: "Resident memory size in bytes.",
      read: { memoryBytes(column: 1) })
    registry.gauge(
      "process_virtual_memory_bytes", help: "Virtual memory size in bytes.",
      read: { memoryBytes(column: 0) })
    registry.gauge(
      "process_open_fds", help: "Number of open file descriptors.", read: openDescriptors)
    registry.gauge(
      "process_max_fds", help: "Maximum number of open file descriptors.",
      read: descriptorLimit)
    let start = startSeconds()
    registry.gauge(
      "process_start_time_seconds",
      help: "Start time of the process since unix epoch in seconds."
    ).set(start)
  }

  private static func cpuSeconds() -> Double {
    var time = timespec()
    // SAFETY: the call writes one timespec.
    guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func memoryBytes(column: Int) -> Double {
    let columns = ProcFile.contents(of: "/proc/self/statm").split(separator: " ")
    guard column < columns.count, let pages = Double(columns[column]) else { return 0 }
    return pages * Double(sysconf(CInt(_SC_PAGESIZE)))
  }

  private static func openDescriptors() -> Double {
    // Without the descriptor of the directory itself.
    Double(max(0, ProcFile.names(in: "/proc/self/fd").count - 1))
  }

  private static func descriptorLimit() -> Double {
    var limit = rlimit()
    // SAFETY: the call writes one rlimit.
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return 0
    }
    return Double(limit.rlim_cur)
  }

  private static func startSeconds() -> Double {
    // The command name, which may hold anything, ends at the last parenthesis.
    let stat = ProcFile.contents(of: "/proc/self/stat")
    let columns = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
    let bootLine = ProcFile.contents(of: "/proc/stat").split(separator: "\n").first {
      $0.hasPrefix("btime ")
    }
    // Column 22 of the file, the process's start in ticks after the boot, is 20 after the name.
    guard columns.count > 20, let ticks = Double(columns[20]),
      let bootLine, let boot = Double(bootLine.dropFirst("btime ".count))
    else { return 0 }
    return boot + ticks / Double(sysconf(CInt(_SC_CLK_TCK)))
  }
}
