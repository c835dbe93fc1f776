internal import Compactor
internal import Glibc
internal import Logging
internal import Synchronization
internal import TSDBBlock

/// Shows how the making of a block goes: a line that redraws itself on a terminal, a log line now
/// and then elsewhere.
///
///     merging 01J… [=========>          ]  45%  12.3M samples  4.1M samples/s  3s left
final class ProgressDisplay: CompactionObserver {
  private struct State {
    /// When the work on each block began, and when it was last logged.
    var starts: [BlockID: ContinuousClock.Instant] = [:]
    var shown: [BlockID: ContinuousClock.Instant] = [:]
    /// When the line was last drawn, and whether it stands there.
    var drawn: ContinuousClock.Instant?
  }

  private static let logInterval = Duration.seconds(15)
  private static let redrawInterval = Duration.milliseconds(200)
  private static let barWidth = 20

  private let logger: Logger
  private let isTerminal: Bool
  private let state = Mutex(State())

  init(logger: Logger) {
    self.logger = logger
    isTerminal = isatty(2) == 1
  }

  func working(_ progress: WorkProgress) {
    let now = ContinuousClock.now
    let elapsed: Duration? = state.withLock { state in
      let start = state.starts[progress.block] ?? now
      state.starts[progress.block] = start
      if isTerminal {
        // Blocks that are made at once take turns on the one line there is.
        if let drawn = state.drawn, now - drawn < Self.redrawInterval { return nil }
        state.drawn = now
      } else {
        if now - (state.shown[progress.block] ?? start) < Self.logInterval { return nil }
        state.shown[progress.block] = now
      }
      return now - start
    }
    guard let elapsed, elapsed > .zero else { return }
    let line = ProgressLine(progress, elapsed: elapsed)
    let activity = progress.activity.rawValue
    if isTerminal {
      write(
        "\r\u{1B}[K\(activity) \(progress.block) \(line.bar(width: Self.barWidth)) \(line.text)")
    } else {
      logger.info(
        "\(activity)", metadata: ["block": "\(progress.block)", "progress": "\(line.text)"])
    }
  }

  func ended(_ block: BlockID) {
    let wasDrawn = state.withLock { state in
      state.starts[block] = nil
      state.shown[block] = nil
      defer { state.drawn = nil }
      return state.drawn != nil
    }
    if isTerminal, wasDrawn { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    // SAFETY: the call reads the bytes of the array. Nothing is lost when it fails.
    _ = unsafe Glibc.write(2, bytes, bytes.count)
  }
}

/// Progress in words.
struct ProgressLine {
  /// 0 to 1.
  let share: Double
  let text: String

  init(_ progress: WorkProgress, elapsed: Duration) {
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    share =
      progress.totalSeries > 0 ? Double(progress.readSeries) / Double(progress.totalSeries) : 1
    var parts = ["\(Int(share * 100))%", "\(Self.short(Double(progress.writtenSamples))) samples"]
    if seconds > 0 {
      parts.append("\(Self.short(Double(progress.writtenSamples) / seconds)) samples/s")
      if share > 0 { parts.append("\(Int(seconds / share * (1 - share)))s left") }
    }
    text = parts.joined(separator: "  ")
  }

  func bar(width: Int) -> String {
    let filled = min(Int(share * Double(width)), width - 1)
    return "[" + String(repeating: "=", count: filled) + ">"
      + String(repeating: " ", count: width - filled - 1) + "]"
  }

  /// Three significant digits and a unit: `12.3M`.
  static func short(_ number: Double) -> String {
    var value = number
    var units = ["", "k", "M", "G", "T"][...]
    while value >= 1000, units.count > 1 {
      value /= 1000
      units.removeFirst()
    }
    let unit = units.first ?? ""
    guard value < 100, !unit.isEmpty else { return "\(Int(value))\(unit)" }
    let tenths = Int(value * 10)
    return "\(tenths / 10).\(tenths % 10)\(unit)"
  }
}
