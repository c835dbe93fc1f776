import Glibc
import Logging
import ServiceLifecycle
import Telemetry
import TestSupport
import Testing

@testable import ServerRuntime

@Suite struct ServiceManagerTests {
  @Test func `the manager hears when the process is ready, reloads and stops`() throws {
    try withTemporaryDirectory { directory in
      let listener = try DatagramListener(path: directory + "/notify")
      let manager = ServiceManager { $0 == "NOTIFY_SOCKET" ? directory + "/notify" : nil }
      manager.tell(.starting(extension: .seconds(60)))
      manager.tell(.ready, status: "serving")
      manager.tell(.reloading)
      manager.tell(.stopping(limit: .milliseconds(1500)))
      manager.tell(.alive)
      let messages = listener.receive()
      #expect(messages.count == 5)
      #expect(
        messages.prefix(2) == ["EXTEND_TIMEOUT_USEC=60000000", "READY=1\nSTATUS=serving"])
      #expect(messages[2].hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
      #expect(Int64(messages[2].split(separator: "=").last ?? "") ?? 0 > 0)
      #expect(messages.suffix(2) == ["STOPPING=1\nEXTEND_TIMEOUT_USEC=1500000", "WATCHDOG=1"])
    }
  }

  @Test(arguments: ["", "/", "relative/path", "/" + String(repeating: "x", count: 200), "/no/one"])
  func `without a manager nothing happens`(path: String) {
    let manager = ServiceManager { $0 == "NOTIFY_SOCKET" ? path : nil }
    manager.tell(.ready)
    #expect(manager.watchdogInterval == nil)
  }

  @Test func `the watchdog is fed twice in its time, when it watches this process`() {
    func interval(_ variables: [String: String]) -> Duration? {
      ServiceManager { variables[$0] }.watchdogInterval
    }
    #expect(interval(["WATCHDOG_USEC": "3000000"]) == .milliseconds(1500))
    #expect(
      interval(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "\(getpid())"])
        == .milliseconds(1500))
    #expect(interval(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"]) == nil)
    #expect(interval(["WATCHDOG_USEC": "soon"]) == nil)
    #expect(interval(["WATCHDOG_USEC": "0"]) == nil)
  }

  @Test func `a healthy process calls itself alive until it is told to stop`() async throws {
    try await withTemporaryDirectory { directory in
      let listener = try DatagramListener(path: directory + "/notify")
      let variables = ["NOTIFY_SOCKET": directory + "/notify", "WATCHDOG_USEC": "2000"]
      let probe = Probe(component: "store", registry: MetricRegistry())
      let link = ServiceManagerLink(
        ServiceManager { variables[$0] }, probe: probe, stopLimit: .seconds(5))
      let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let group = ServiceGroup(services: [link], logger: quiet)
      async let run: Void = group.run()
      var alive: [String] = []
      while alive.count < 4 {
        alive += listener.receive()
        try await Task.sleep(for: .milliseconds(1))
      }
      #expect(Set(alive) == ["EXTEND_TIMEOUT_USEC=60000000", "WATCHDOG=1"])
      probe.setHealthy(false)
      await group.triggerGracefulShutdown()
      try await run
      #expect(
        listener.receive().last?.hasPrefix("STOPPING=1\nEXTEND_TIMEOUT_USEC=5000000\nSTATUS=")
          == true)
    }
  }
}
