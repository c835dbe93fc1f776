internal import Compactor
internal import Glibc
internal import Logging
internal import Synchronization
internal import TSDBBlock

/// Shows how a merge goes: a line that redraws itself on a terminal, a log line now and then
/// elsewhere.
///
///     merging 01J… [=========>          ]  45%  12.3M samples  4.1M samples/s  3s left
final class ProgressDisplay: CompactionObserver {
  private struct State {
    var start = ContinuousClock.now
    var shown: ContinuousClock.Instant?
    var id: BlockID?
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

  func merging(_ id: BlockID, _ progress: BlockMerge.Progress) {
    let now = ContinuousClock.now
    let elapsed: Duration? = state.withLock { state in
      if state.id != id { state = State(start: now, shown: now, id: id) }
      let interval = isTerminal ? Self.redrawInterval : Self.logInterval
      guard let shown = state.shown, now - shown >= interval else { return nil }
      state.shown = now
      return now - state.start
    }
    guard let elapsed else { return }
    let line = ProgressLine(progress, elapsed: elapsed)
    if isTerminal {
      write("\r\u{1B}[Kmerging \(id) \(line.bar(width: Self.barWidth)) \(line.text)")
    } else {
      logger.info("merging blocks", metadata: ["block": "\(id)", "progress": "\(line.text)"])
    }
  }

  func ended(_ id: BlockID) {
    let wasShown = state.withLock { state in
      defer { state = State() }
      return state.id == id
    }
    if isTerminal, wasShown { write("\r\u{1B}[K") }
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

  init(_ progress: BlockMerge.Progress, elapsed: Duration) {
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
