import Logging
import Synchronization
import TestSupport
import Testing

@testable import Telemetry

@Suite struct JournalTests {
  private final class Sent: Sendable {
    let entries = Mutex<[[UInt8]]>([])
    let lines = Mutex("")
  }

  private func log(takes: Bool, _ body: (Logger) -> Void) -> Sent {
    let sent = Sent()
    body(
      Logger(label: "test") { _ in
        JournalLogHandler(
          level: .debug, program: "store-gateway",
          send: { entry in
            sent.entries.withLock { $0.append(entry) }
            return takes
          },
          fallback: { line in
            sent.lines.withLock { $0 += String(decoding: line, as: UTF8.self) }
          })
      })
    return sent
  }

  @Test func `an entry has message, priority, program and fields`() {
    let sent = log(takes: true) {
      $0.warning("loaded block", metadata: ["block": "01ABC", "http.path": "/x"])
    }
    let text = sent.entries.withLock { $0.map { String(decoding: $0, as: UTF8.self) } }
    #expect(
      text == [
        """
        MESSAGE=loaded block
        PRIORITY=4
        SYSLOG_IDENTIFIER=store-gateway
        BLOCK=01ABC
        HTTP_PATH=/x

        """
      ])
    #expect(sent.lines.withLock { $0 } == "")
  }

  @Test func `a value with line feeds cannot make fields of its own`() {
    let entry = JournalEntry(
      message: "m", level: .info, program: "p", fields: [("a", "1\nPRIORITY=0")])
    let head = Array("MESSAGE=m\nPRIORITY=6\nSYSLOG_IDENTIFIER=p\nA\n".utf8)
    #expect(entry.bytes == head + [12, 0, 0, 0, 0, 0, 0, 0] + Array("1\nPRIORITY=0\n".utf8))
  }

  @Test func `what the journal does not take becomes a line`() {
    let sent = log(takes: false) { $0.error("m", metadata: ["k": "v"]) }
    #expect(sent.lines.withLock { $0 }.contains(" level=error msg=m k=v\n"))
  }

  @Test(arguments: [
    ("block", "BLOCK"), ("http.status_code", "HTTP_STATUS_CODE"), ("_PID", "X_PID"),
    ("9x", "X9X"), ("", "X"), ("ü", "X_"),
    (String(repeating: "a", count: 99), String(repeating: "A", count: 60)),
  ])
  func `names become names of the journal`(name: String, expected: String) {
    #expect(JournalEntry.fieldName(name) == expected)
  }

  @Test func `a datagram arrives as it was sent, or not at all`() throws {
    try withTemporaryDirectory { directory in
      let listener = try DatagramListener(path: directory + "/socket")
      let socket = try #require(DatagramSocket(path: directory + "/socket"))
      #expect(socket.send(Array("hello".utf8)))
      #expect(listener.receive() == ["hello"])
      let nobody = try #require(DatagramSocket(path: directory + "/nobody"))
      #expect(!nobody.send([1]))
    }
    #expect(DatagramSocket(path: "") == nil)
    #expect(DatagramSocket(path: "relative") == nil)
    #expect(DatagramSocket(path: "/a\0b") == nil)
  }
}
