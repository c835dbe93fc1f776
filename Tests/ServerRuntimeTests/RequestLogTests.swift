import Logging
import ObjectStore
import Testing

@testable import ServerRuntime

@Suite struct RequestLogTests {
  private func lines(
    _ yaml: String, _ body: (RequestLog) -> Void
  ) throws -> [String] {
    let captured = CapturedLog()
    body(
      RequestLog(
        configuration: Reloadable(try RequestLogConfiguration.parse(yaml: yaml)),
        logger: captured.logger(level: .error)))
    return captured.lines
  }

  private func call(_ log: RequestLog, method: String = "Series", code: String = "OK") {
    let line = log.grpc(
      service: "thanos.Store", method: method, peer: "ipv4:127.0.0.1:5", id: "r1", tenant: "t1")
    line?.start()
    line?.finish(
      code: code, message: code == "OK" ? nil : "why", duration: .microseconds(12_345))
  }

  @Test(arguments: ["", "{}", "options:", "http: {config: []}", "options: {level: DEBUG}"])
  func `nothing is logged unless a decision says so`(yaml: String) throws {
    let lines = try lines(yaml) { log in
      call(log)
      log.http(method: "GET", path: "/", port: 1, peer: "", id: "")?
        .finish(status: 500, duration: .zero)
    }
    #expect(lines == [])
  }

  @Test func `a line tells who called what, how it ended and how long it took`() throws {
    let lines = try lines("options: {level: INFO, decision: {log_end: true}}") { call($0) }
    #expect(
      lines == [
        "ts=1970-01-01T00:00:00.000Z level=info msg=\"finished call\" grpc.code=OK "
          + "grpc.method=Series grpc.service=thanos.Store grpc.time_ms=12.345 "
          + "peer.address=ipv4:127.0.0.1:5 protocol=grpc request_id=r1 tenant=t1\n"
      ])
  }

  @Test func `the options of a protocol replace the common ones`() throws {
    let yaml = """
      options: {level: INFO, decision: {log_start: true, log_end: true}}
      grpc: {options: {level: ERROR, decision: {log_end: true}}}
      """
    let lines = try lines(yaml) { log in
      call(log)
      call(log, code: "ResourceExhausted")
      call(log, code: "Internal")
      let http = log.http(method: "GET", path: "/x", port: 1, peer: "p", id: "i")
      http?.start()
      http?.finish(status: 404, duration: .zero)
    }
    #expect(lines.count == 3)
    #expect(lines.first?.contains("level=error") == true)
    #expect(lines.first?.contains("grpc.code=Internal") == true)
    #expect(lines.first?.contains("err=why") == true)
    #expect(lines.dropFirst().first?.contains("started call") == true)
    #expect(lines.last?.contains("level=info msg=\"finished call\"") == true)
  }

  @Test func `limits of the server are warnings, faults of the client are not`() throws {
    let lines = try lines("options: {level: WARN, decision: {log_end: true}}") { log in
      for code in ["OK", "InvalidArgument", "Canceled", "NotFound"] { call(log, code: code) }
      call(log, code: "DeadlineExceeded")
      log.http(method: "GET", path: "/", port: 1, peer: "", id: "")?
        .finish(status: 499, duration: .zero)
    }
    #expect(lines.count == 1)
    #expect(lines.first?.contains("level=warn") == true)
  }

  @Test func `a list picks single paths and methods`() throws {
    let yaml = """
      options: {level: DEBUG, decision: {log_end: true}}
      http: {config: [{path: /api/v1/blocks, port: 10906}]}
      grpc: {config: [{service: thanos.Store, method: LabelNames}]}
      """
    let lines = try lines(yaml) { log in
      call(log)
      call(log, method: "LabelNames")
      for (path, port) in [("/api/v1/blocks", 10_906), ("/api/v1/blocks", 1), ("/", 10_906)] {
        log.http(method: "GET", path: path, port: port, peer: "", id: "")?
          .finish(status: 200, duration: .zero)
      }
    }
    #expect(lines.count == 2)
    #expect(lines.first?.contains("grpc.method=LabelNames") == true)
    #expect(lines.last?.contains("http.path=/api/v1/blocks") == true)
  }

  @Test(arguments: [
    (
      "options:\n  level: INFO\n  decision:\n    log_start: true\n",
      "line 4: log_start without log_end is not possible; write \"log_end: true\" too"
    ),
    (
      "options: {decision: {log_end: true}}",
      "line 1: options needs a level: DEBUG, INFO, WARN or ERROR"
    ),
    ("options:\n  level: info\n", "line 2: unknown level \"info\"; use DEBUG, INFO, WARN or ERROR"),
    (
      "http:\n  optoins: {}\n",
      "line 2: unknown key \"optoins\" in http; did you mean \"options\"?"
    ),
    (
      "http: {config: [{path: /x}]}",
      "line 1: an entry of http.config needs the port of --http-address, such as 10906"
    ),
    (
      "http: {config: [{path: x, port: 1}]}",
      "line 1: an entry of http.config needs a path, such as /blocks"
    ),
    (
      "grpc: {config: [{service: thanos.Store}]}",
      "line 1: an entry of grpc.config needs service and method, such as thanos.Store and Series"
    ),
    ("grpc:\n  config: x\n", "line 2: grpc.config must be a list"),
    (
      "options: {level: INFO, decision: {log_end: maybe}}",
      "line 1: log_end must be true or false, not \"maybe\""
    ),
  ])
  func `a mistake is told with its line`(yaml: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try RequestLogConfiguration.parse(yaml: yaml)
    }
    #expect(error?.description == message)
  }
}
