internal import Glibc

/// When a directory was last changed, as seen at one moment.
struct DirectoryTime: Sendable {
  /// Nil when there is no such directory.
  private let modified: timespec?
  private let isYoung: Bool

  /// Looks at the directory. Blocking.
  ///
  /// - Parameter youth: for how long a time of modification is not the last word: file systems keep
  ///   times by ticks, and what goes on in a file that was just made does not change its directory.
  init(_ path: String, youth: Duration) {
    var status = stat()
    // SAFETY: the kernel writes one stat; the path lives for the call.
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      modified = nil
      isYoung = false
      return
    }
    modified = status.st_mtim
    var now = timespec()
    // SAFETY: the call writes one timespec.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
    let age = Self.milliseconds(now) - Self.milliseconds(status.st_mtim)
    isYoung = Duration.milliseconds(age) <= youth
  }

  /// False when nothing can have happened in the directory between the two looks.
  func mayDiffer(from later: DirectoryTime) -> Bool {
    guard let modified, let other = later.modified else {
      return (modified == nil) != (later.modified == nil)
    }
    return isYoung || modified.tv_sec != other.tv_sec || modified.tv_nsec != other.tv_nsec
  }

  private static func milliseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
