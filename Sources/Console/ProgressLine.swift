internal import Glibc

/// One line that is drawn over itself while something long goes on:
///
///     merging  [############········]  61%  1,204,000 of 1,980,000 series  310,000/s  2.5s left
///
/// For a terminal only. Not safe to use from several tasks at once.
package final class ProgressLine {
  private let write: (String) -> Void
  private let now: () -> Double
  private let width: Int
  private var label = ""
  private var start = 0.0
  private var lastDrawn = -Double.infinity
  private var isShown = false

  private static let secondsBetweenDrawings = 0.1
  private static let barWidth = 20

  /// - Parameters:
  ///   - width: columns of the terminal.
  ///   - now: seconds of a clock that never goes back.
  ///   - write: puts text on the terminal at once.
  package init(width: Int, now: @escaping () -> Double, write: @escaping (String) -> Void) {
    self.width = width
    self.now = now
    self.write = write
  }

  /// On standard error; nil when that is no terminal.
  package static func onStandardError() -> ProgressLine? {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    var size = winsize()
    // SAFETY: the request fills a winsize.
    let isKnown = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return ProgressLine(
      width: isKnown ? Int(size.ws_col) : 80,
      now: {
        var time = timespec()
        // SAFETY: the call fills the structure.
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
      },
      write: { text in
        let bytes = Array(text.utf8)
        // SAFETY: the pointer is valid for all bytes.
        _ = unsafe bytes.withUnsafeBytes {
          unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
      })
  }

  /// Begins something new.
  package func begin(_ label: String) {
    clear()
    self.label = label
    start = now()
    lastDrawn = start
  }

  /// Draws how far it has come, unless it was drawn a moment ago.
  package func update(_ done: Int, of total: Int, _ noun: String) {
    let time = now()
    guard time - lastDrawn >= Self.secondsBetweenDrawings else { return }
    lastDrawn = time
    let part = total > 0 ? min(Double(done) / Double(total), 1) : 1
    let filled = Int(part * Double(Self.barWidth))
    let bar =
      String(repeating: "#", count: filled)
      + String(repeating: "·", count: Self.barWidth - filled)
    let rate = Double(done) / max(time - start, 0.001)
    var line =
      "\(label)  [\(bar)]  \(Int(part * 100))%  \(HumanText.count(done)) of "
      + "\(HumanText.count(total)) \(noun)  \(HumanText.count(Int(rate)))/s"
    if rate > 0, done < total {
      line += "  \(HumanText.duration(UInt64(Double(total - done) / rate) * 1000)) left"
    }
    write("\r\u{1B}[K" + line.prefix(max(width - 1, 1)))
    isShown = true
  }

  /// Takes the line away, before anything else is written.
  package func clear() {
    if isShown { write("\r\u{1B}[K") }
    isShown = false
  }
}
