internal import Glibc

/// A thread of this process.
public struct ProcessThread: Equatable, Sendable {
  public var id: Int
  /// At most 15 bytes, as the system keeps it.
  public var name: String
  /// `R` running, `S` waiting, `D` waiting for a disk, and rarer letters of `proc(5)`.
  public var state: String
  /// CPU time so far, user and system.
  public var cpuSeconds: Double

  /// All threads, by number. Costs one small read of `/proc` each.
  public static func all() -> [ProcessThread] {
    ProcFile.names(in: "/proc/self/task").compactMap(Int.init).sorted().compactMap {
      ProcessThread(id: $0, stat: ProcFile.contents(of: "/proc/self/task/\($0)/stat"))
    }
  }

  /// How many there are.
  public static func count() -> Int {
    let columns = ProcFile.contents(of: "/proc/self/stat").fieldsBehindName
    return columns.count > 17 ? Int(columns[17]) ?? 0 : 0
  }

  /// Nil when the thread ended meanwhile.
  init?(id: Int, stat: String) {
    let columns = stat.fieldsBehindName
    guard columns.count > 12, let open = stat.firstIndex(of: "("),
      let close = stat.lastIndex(of: ")"), open < close,
      let user = Double(columns[11]), let system = Double(columns[12])
    else { return nil }
    self.id = id
    name = String(stat[stat.index(after: open)..<close])
    state = String(columns[0])
    cpuSeconds = (user + system) / Double(max(sysconf(CInt(_SC_CLK_TCK)), 1))
  }
}

extension String {
  /// The columns of a `stat` file from the third on: a name, which may hold anything, ends at the
  /// last parenthesis.
  fileprivate var fieldsBehindName: [Substring] {
    guard let close = lastIndex(of: ")") else { return [] }
    return self[index(after: close)...].split(separator: " ")
  }
}
