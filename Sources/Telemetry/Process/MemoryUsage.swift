internal import CMalloc

/// Where the memory of this process is, in bytes.
///
///     resident ─┬─ private   written by us: heap, stacks
///               ├─ mapped    pages of files, which the kernel takes back when it needs room
///               └─ shared
///     heap used ── heap idle   what the allocator gave out, and what it keeps of what came back
///
/// A value the system does not give is 0.
public struct MemoryUsage: Equatable, Sendable {
  /// In memory now.
  public var resident = 0
  /// The most that ever was in memory.
  public var peakResident = 0
  /// Of `resident`, what no other process and no file has: what counts against a limit.
  public var privateBytes = 0
  /// Of `resident`, pages of mapped files.
  public var mappedFiles = 0
  /// Of `resident`, memory shared with other processes.
  public var shared = 0
  /// Written out to swap space.
  public var swapped = 0
  /// Address space.
  public var virtual = 0
  /// The stack of the first thread.
  public var stack = 0
  /// Given out by the allocator.
  public var heapUsed = 0
  /// Freed, and kept by the allocator for later.
  public var heapIdle = 0

  /// As it is now. Costs two small reads of `/proc`.
  public static func current() -> MemoryUsage {
    let sizes = ProcFile.kilobytes(in: ProcFile.contents(of: "/proc/self/status"))
    let heap = malloc_statistics_read()
    var usage = MemoryUsage()
    usage.resident = sizes["VmRSS"] ?? 0
    usage.peakResident = sizes["VmHWM"] ?? 0
    usage.privateBytes = sizes["RssAnon"] ?? 0
    usage.mappedFiles = sizes["RssFile"] ?? 0
    usage.shared = sizes["RssShmem"] ?? 0
    usage.swapped = sizes["VmSwap"] ?? 0
    usage.virtual = sizes["VmSize"] ?? 0
    usage.stack = sizes["VmStk"] ?? 0
    usage.heapUsed = Int(clamping: heap.used)
    usage.heapIdle = Int(clamping: heap.idle)
    return usage
  }
}
