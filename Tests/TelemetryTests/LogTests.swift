import Logging
import Synchronization
import Telemetry
import Testing

@Suite struct LogTests {
  private final class Lines: Sendable {
    let text = Mutex("")
  }

  private func log(_ format: LogFormat, _ body: (Logger) -> Void) -> String {
    let lines = Lines()
    let logger = Logger(label: "test") { _ in
      LineLogHandler(
        format: format, level: .debug,
        write: { line in lines.text.withLock { $0 += String(decoding: line, as: UTF8.self) } },
        now: { 1_767_323_045_678 })
    }
    body(logger)
    return lines.text.withLock { $0 }
  }

  @Test func `logfmt quotes only what needs it`() {
    let text = log(.logfmt) {
      $0.warning(
        "loaded block", metadata: ["id": "01ABC", "err": "say \"no\"\nnow", "z": "", "a": "x=y"])
    }
    #expect(
      text == #"ts=2026-01-02T03:04:05.678Z level=warn msg="loaded block" a="x=y" "#
        + #"err="say \"no\"\nnow" id=01ABC z="# + "\n")
  }

  @Test func `JSON lines are objects of strings`() {
    let text = log(.json) { $0.info("a \\ b", metadata: ["k\u{1}": "tab\tü"]) }
    #expect(
      text == #"{"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"a \\ b","#
        + #""k\u0001":"tab\tü"}"# + "\n")
  }

  @Test func `a key cannot break the line`() {
    let text = log(.logfmt) { $0.info("m", metadata: ["a b=\n": "1"]) }
    #expect(text == "ts=2026-01-02T03:04:05.678Z level=info msg=m a_b__=1\n")
  }

  @Test(arguments: [
    (Logger.Level.debug, "debug"), (.info, "info"), (.notice, "info"), (.warning, "warn"),
    (.error, "error"), (.critical, "error"),
  ])
  func `levels have the names of Thanos`(level: Logger.Level, name: String) {
    let text = log(.logfmt) { $0.log(level: level, "m") }
    #expect(text.contains(" level=\(name) "))
  }

  @Test func `below the level nothing is written`() {
    #expect(log(.logfmt) { $0.trace("m") } == "")
    #expect(Logger.Level(thanosName: "warn") == .warning)
    #expect(Logger.Level(thanosName: "warning") == nil)
  }
}
