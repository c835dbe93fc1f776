internal import Glibc
internal import TSDBBlock
internal import Telemetry

/// `GET /api/v1/status/…`: what this program is and how it was started.
public enum StatusAPI {
  /// - Parameter flags: names without dashes and values, secrets already taken out.
  public static func routes(flags: [String: String]) -> [AdminRoute] {
    let started = WallClock.milliseconds()
    return [
      AdminRoute(.get, "/api/v1/status/flags", name: "status_flags") { _ in
        let sorted = flags.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return APIAnswer.success(
          .object(
            sorted.map { RawJSON.Member(key: Array($0.key.utf8), value: .text($0.value)) }))
      },
      AdminRoute(.get, "/api/v1/status/runtimeinfo", name: "status_runtimeinfo") { _ in
        APIAnswer.success(runtime(started: started))
      },
      AdminRoute(.get, "/api/v1/status/buildinfo", name: "status_build") { _ in
        APIAnswer.success(
          .object([
            "version": .text(BuildInfo.version), "revision": .text(BuildInfo.revision),
            "branch": .text(""), "buildUser": .text(""), "buildDate": .text(""),
            "goVersion": .text(BuildInfo.runtimeVersion), "platform": .text(BuildInfo.platform),
          ]))
      },
    ]
  }

  /// The keys of the reference; those that only a Go program has a value for are empty.
  private static func runtime(started: Int64) -> RawJSON {
    let memory = MemoryUsage.current()
    return .object([
      "startTime": .text(RFC3339.text(milliseconds: started)),
      "CWD": .text(workingDirectory),
      "goroutineCount": .number(ProcessThread.count()),
      "GOMAXPROCS": .number(Int(sysconf(CInt(_SC_NPROCESSORS_ONLN)))),
      "GOGC": .text(""), "GODEBUG": .text(""),
      "threadCount": .number(ProcessThread.count()),
      "residentBytes": .number(memory.resident), "privateBytes": .number(memory.privateBytes),
      "processId": .number(Int(getpid())),
    ])
  }

  private static var workingDirectory: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    // SAFETY: getcwd writes at most the length given, with a terminating zero.
    guard unsafe getcwd(&buffer, buffer.count) != nil else { return "" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
