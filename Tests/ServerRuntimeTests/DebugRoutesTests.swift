import ObjectStore
import TestSupport
import Testing

@testable import ServerRuntime

@Suite struct DebugRoutesTests {
  private let queries = RunningQueries()

  private func get(_ path: String, json: Bool = false) async throws -> AdminResponse {
    let routes = DebugRoutes.routes(
      queries: queries, executors: ["files": BlockingExecutor(threadLimit: 3)])
    let router = AdminRouter(routes, externalPrefix: "")
    guard case .route(let route) = router.match(method: "GET", path: path) else {
      return AdminResponse(status: 0, text: "")
    }
    return await route.respond(
      AdminRequest(path: path, accept: json ? "application/json" : nil))
  }

  private func text(_ answer: AdminResponse) -> String {
    String(decoding: answer.body, as: UTF8.self)
  }

  @Test func `running calls are listed with what they have cost so far`() async throws {
    #expect(text(try await get("/debug/queries")) == "no call is under way\n")
    let first = queries.begin("Series", description: #"{a="b"}"#, tenant: "t", requestID: "r-1")
    let second = queries.begin("LabelNames", description: "{}", tenant: "\u{1B}[31mred")
    first.add(series: 64, chunks: 640, bytes: 3 << 20)
    first.add(series: 1)
    let table = text(try await get("/debug/queries"))
    let lines = table.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.first?.contains("METHOD      TENANT    SERIES  CHUNKS     SIZE") == true)
    #expect(lines[1].contains("Series"))
    #expect(lines[1].contains("65     640  3.0 MiB  r-1      {a=\"b\"}"))
    #expect(lines[2].contains("?[31mred"))
    let json = try JSONValue(parsing: try await get("/debug/queries", json: true).body)
    #expect(json[0]["method"].string == "Series")
    #expect(json[0]["series"].int == 65)
    #expect(json[0]["chunks"].int == 640)
    #expect(json[0]["bytes"].int == 3 << 20)
    #expect(json[0]["requestId"].string == "r-1")
    #expect(json[0]["ageSeconds"].double ?? -1 >= 0)
    #expect(json[1]["tenant"].string == "\u{1B}[31mred")
    first.end()
    first.end()
    #expect(queries.current.map(\.number) == [second.number])
    second.end()
    #expect(queries.current.isEmpty)
  }

  @Test func `a description is not longer than a screen or two`() {
    let query = queries.begin(
      "Series", description: String(repeating: "x", count: 1 << 20), tenant: "")
    #expect(query.description.count == RunningQueries.longestDescription)
  }

  @Test func `memory is told by kinds that add up`() async throws {
    let json = try JSONValue(parsing: try await get("/debug/memory", json: true).body)
    let resident = try #require(json["residentBytes"].int)
    #expect(resident > 1 << 20)
    #expect(try #require(json["privateBytes"].int) > 1 << 20)
    #expect(try #require(json["heapUsedBytes"].int) > 1 << 16)
    #expect(try #require(json["peakResidentBytes"].int) >= resident)
    #expect(try #require(json["virtualBytes"].int) >= resident)
    #expect(text(try await get("/debug/memory")).contains("counts against a limit"))
  }

  @Test func `threads are told with their names, and how busy executors are`() async throws {
    let json = try JSONValue(parsing: try await get("/debug/tasks", json: true).body)
    #expect(json["executors"][0]["name"].string == "files")
    #expect(json["executors"][0]["limit"].int == 3)
    #expect(json["executors"][0]["waiting"].int == 0)
    let threads = json["threads"].array ?? []
    #expect(threads.count > 1)
    #expect(threads.contains { $0["state"].string == "R" })
    let table = text(try await get("/debug/tasks"))
    #expect(table.contains("EXECUTOR  THREADS  LIMIT  IDLE  WAITING"))
    #expect(table.contains("THREAD  STATE"))
  }

  @Test(arguments: ["/debug/pprof/", "/debug/pprof/heap", "/debug/fgprof"])
  func `profiles of Go are not there, and what is there instead is told`(
    path: String
  ) async throws {
    let answer = try await get(path)
    #expect(answer.status == 404)
    #expect(text(answer).contains("/debug/memory"))
  }
}
