import Logging
import Synchronization
import Telemetry

/// Log lines that a test looks at.
final class CapturedLog: Sendable {
  private let written = Mutex<[String]>([])

  var lines: [String] { written.withLock { $0 } }

  func logger(level: Logger.Level = .debug) -> Logger {
    Logger(label: "test") { _ in
      LineLogHandler(
        format: .logfmt, level: level,
        write: { line in
          self.written.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }, now: { 0 })
    }
  }
}
