internal import Console
internal import Glibc

/// A line on standard error that says how far a command is, with the rate and the time left.
///
///     salvage  [#########-----------]  46%  12,400 of 27,000 series  8,100/s  2s left
///
/// Only where both outputs are a terminal; it is gone when the command ends.
final class ProgressLine {
  private let title: String
  private let unit: String
  private let width: Int?
  private let start = nowMilliseconds()
  private var last: Int64 = 0
  private var isShown = false
  private static let interval: Int64 = 100
  private static let barWidth = 20

  init(_ title: String, unit: String, _ terminal: Terminal) {
    self.title = title
    self.unit = unit
    width = isatty(STDERR_FILENO) == 1 ? terminal.width : nil
  }

  func show(_ done: Int, of total: Int) {
    guard let width else { return }
    let now = nowMilliseconds()
    guard now - last >= Self.interval else { return }
    last = now
    isShown = true
    let text = Self.text(title, done, total, unit, elapsed: now - start)
    write("\r\u{1B}[K" + text.prefix(max(0, width - 1)))
  }

  /// What the line says.
  static func text(
    _ title: String, _ done: Int, _ total: Int, _ unit: String, elapsed: Int64
  ) -> String {
    let part = total > 0 ? min(1, Double(done) / Double(total)) : 0
    let filled = Int(part * Double(barWidth))
    let bar =
      String(repeating: "#", count: filled) + String(repeating: "-", count: barWidth - filled)
    var text = "\(title)  [\(bar)]  \(Int(part * 100))%  "
    text += "\(HumanText.count(done)) of \(HumanText.count(total)) \(unit)"
    guard elapsed >= 500, done > 0 else { return text }
    let rate = Double(done) * 1000 / Double(elapsed)
    text += "  \(HumanText.count(Int(rate)))/s"
    let left = Double(max(0, total - done)) / rate
    return text + "  \(HumanText.duration(UInt64(left.rounded(.up)) * 1000)) left"
  }

  /// Takes the line away.
  func end() {
    if isShown { write("\r\u{1B}[K") }
    isShown = false
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    // SAFETY: the pointer is valid for all bytes. A progress that cannot be shown is not shown.
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

/// Unix time.
func nowMilliseconds() -> Int64 {
  var time = timespec()
  // SAFETY: the call fills the structure.
  _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
