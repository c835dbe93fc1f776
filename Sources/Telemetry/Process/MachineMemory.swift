/// How much memory this process may use.
public enum MachineMemory {
  /// Bytes: the limit of the control group or the memory of the machine, whichever is less.
  ///
  /// Groups of version 2 are looked at from the process's own up to the root, because a limit of any
  /// of them holds; a container sees its own group as the root.
  public static let byteCount: Int = {
    let machine = installed(ProcFile.contents(of: "/proc/meminfo"))
    let groups = ProcFile.contents(of: "/proc/self/cgroup")
    let limits = limitFiles(groups).compactMap { limit(ProcFile.contents(of: $0)) }
    return min(machine, limits.min() ?? .max)
  }()

  /// What `/proc/meminfo` says; 1 GiB where it says nothing.
  static func installed(_ meminfo: String) -> Int {
    ProcFile.kilobytes(in: meminfo)["MemTotal"] ?? 1 << 30
  }

  /// The number in a file that limits a group; nil for `max`.
  static func limit(_ text: String) -> Int? {
    Int(text.prefix { $0.isASCII && $0.isNumber })
  }

  /// The files that may hold a limit, from what `/proc/self/cgroup` says.
  static func limitFiles(_ groups: String) -> [String] {
    var files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    for line in groups.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isUnified = parts[1].isEmpty
      guard isUnified || parts[1].split(separator: ",").contains("memory") else { continue }
      var path = parts[2]
      while path.count > 1 {
        files.append(
          isUnified
            ? "/sys/fs/cgroup\(path)/memory.max"
            : "/sys/fs/cgroup/memory\(path)/memory.limit_in_bytes")
        path = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
      }
    }
    return files
  }
}
