/// Findings in the order they were made; of each code a limited number is kept, all are counted.
///
/// Logs of parts of a block, appended in the order of the parts, are the log of the whole.
struct FindingLog: Sendable {
  typealias Finding = BlockScan.Finding

  private(set) var findings: [Finding] = []
  private(set) var counts: [Finding.Code: Int] = [:]

  var hasErrors: Bool { findings.contains { $0.severity == .error } }

  mutating func add(_ finding: Finding) {
    counts[finding.code, default: 0] += 1
    if counts[finding.code, default: 0] <= BlockScan.findingsPerCode { findings.append(finding) }
  }

  mutating func append(_ other: FindingLog) {
    let kept = counts
    for finding in other.findings { add(finding) }
    for (code, count) in other.counts { counts[code] = kept[code, default: 0] + count }
  }

  /// Notes that something is unreadable, lost or wrong.
  mutating func report(
    _ code: Finding.Code, _ path: String, _ section: String?, at offset: Int? = nil,
    _ message: String
  ) {
    add(
      Finding(
        severity: .error, code: code, path: path, section: section, offset: offset,
        message: message))
  }

  mutating func report(_ code: Finding.Code, _ path: String, _ message: String) {
    report(code, path, nil, message)
  }

  /// Notes what a reader threw.
  mutating func report(
    _ code: Finding.Code, _ path: String, _ error: BlockError, suffix: String = ""
  ) {
    report(code, path, error.section, at: error.offset, error.reason + suffix)
  }

  /// Notes something unusual that loses nothing.
  mutating func warn(
    _ code: Finding.Code, _ path: String, _ section: String?, at offset: Int? = nil,
    _ message: String
  ) {
    add(
      Finding(
        severity: .warning, code: code, path: path, section: section, offset: offset,
        message: message))
  }

  mutating func warn(_ code: Finding.Code, _ path: String, _ message: String) {
    warn(code, path, nil, message)
  }
}

extension BlockError {
  /// What is wrong, without where.
  var reason: String { detail ?? code.rawValue }
}
