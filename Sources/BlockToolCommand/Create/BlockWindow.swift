/// The two hours that a block of new samples covers, aligned as Prometheus aligns them.
enum BlockWindow {
  static let length: Int64 = 2 * 3_600_000

  /// The start of the window that `time` lies in, also before 1970.
  static func start(of time: Int64) -> Int64 {
    let rest = time % length
    let (start, isBeforeAll) = time.subtractingReportingOverflow(rest < 0 ? rest + length : rest)
    return isBeforeAll ? .min : start
  }
}
