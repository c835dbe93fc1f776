internal import Glibc
internal import NIOCore
internal import Telemetry

/// Tells the service manager how this process is: the side of `Type=notify` units that programs
/// have to play, see `sd_notify(3)`.
///
///     EXTEND_TIMEOUT_USEC=…                    still starting, give it more time
///     READY=1                                  calls are answered
///     RELOADING=1↵MONOTONIC_USEC=…             SIGHUP arrived; READY=1 follows
///     STOPPING=1↵EXTEND_TIMEOUT_USEC=…         SIGTERM arrived; so long it may take
///     WATCHDOG=1                               still alive
///
/// Says nothing where no service manager listens.
public struct ServiceManager: Sendable {
  public enum State: Sendable {
    case starting(extension: Duration)
    case ready
    case reloading
    case stopping(limit: Duration)
    case alive
  }

  private let socket: DatagramSocket?
  /// How often the manager wants to hear that the process is alive.
  let watchdogInterval: Duration?

  /// - Parameter environment: the variable of a name, or nil.
  public init(environment: (String) -> String?) {
    socket = environment("NOTIFY_SOCKET").flatMap(DatagramSocket.init(path:))
    let isForUs = environment("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
    // Half of it, as the manual asks for, so that one late message is no death.
    watchdogInterval =
      isForUs
      ? environment("WATCHDOG_USEC").flatMap(Int64.init).flatMap {
        $0 > 1 ? .microseconds($0 / 2) : nil
      } : nil
  }

  /// - Parameter status: one line for `systemctl status`.
  public func tell(_ state: State, status: String? = nil) {
    guard let socket else { return }
    var lines: [String]
    switch state {
    case .starting(let time): lines = [Self.more(time)]
    case .ready: lines = ["READY=1"]
    case .reloading: lines = ["RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds())"]
    case .stopping(let limit): lines = ["STOPPING=1", Self.more(limit)]
    case .alive: lines = ["WATCHDOG=1"]
    }
    if let status { lines.append("STATUS=\(status)") }
    socket.send(Array(lines.joined(separator: "\n").utf8))
  }

  private static func more(_ time: Duration) -> String {
    "EXTEND_TIMEOUT_USEC=\(Int64(max(0, min(time / .microseconds(1), 9e15))))"
  }

  private static func monotonicMicroseconds() -> Int64 {
    Int64(clamping: NIODeadline.now().uptimeNanoseconds / 1000)
  }
}
