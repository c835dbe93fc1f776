import TestSupport
import Testing

@testable import ServerRuntime

@Suite struct StatusAPITests {
  private func get(_ path: String) async throws -> JSONValue {
    let routes = StatusAPI.routes(flags: ["b": "2", "a": "<REDACTED>"])
    let route = try #require(routes.first { $0.path == path })
    let answer = await route.respond(AdminRequest(path: path))
    #expect(answer.contentType == "application/json")
    let json = try JSONValue(parsing: answer.body)
    #expect(json["status"].string == "success")
    return json["data"]
  }

  @Test func `flags, build and runtime have the keys of the reference`() async throws {
    #expect(
      try await get("/api/v1/status/flags").object?.mapValues(\.string)
        == ["a": "<REDACTED>", "b": "2"])
    let build = try await get("/api/v1/status/buildinfo")
    for key in ["version", "revision", "branch", "buildUser", "buildDate", "goVersion"] {
      #expect(build[key].string != nil, "\(key)")
    }
    let runtime = try await get("/api/v1/status/runtimeinfo")
    #expect(runtime["CWD"].string?.hasPrefix("/") == true)
    #expect(runtime["startTime"].string?.hasSuffix("Z") == true)
    #expect(runtime["goroutineCount"].int ?? 0 > 0)
    #expect(runtime["GOMAXPROCS"].int ?? 0 > 0)
    #expect(runtime["GOGC"].string == "")
  }
}
