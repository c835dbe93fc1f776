import Foundation
import TestSupport

/// A real Prometheus, asked through its query API.
enum Prometheus {
  static let queries = [
    "demo_special[13h]",
    "count_over_time({__name__=~\"demo_.+\"}[13h])",
    "sum by (zone) (increase(demo_requests_total[1h]))",
    "demo_requests_total{pod=~\"web-1.?\"}[12h]",
    "max(demo_temperature_celsius)",
  ]

  /// The answers over the blocks in `directory`, one JSON text for each query, with sorted series.
  static func answers(_ directory: String) async throws -> [String] {
    let port = try freePort()
    let configuration = directory + "-prometheus.yml"
    try Data("global: {}\n".utf8).write(to: URL(fileURLWithPath: configuration))
    let server = try RunningProgram(
      path: "/usr/bin/prometheus",
      [
        "--config.file=\(configuration)", "--storage.tsdb.path=\(directory)",
        "--web.listen-address=127.0.0.1:\(port)", "--storage.tsdb.retention.time=100y",
        "--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h",
      ])
    try await server.wait { (try? await httpRequest(port: port, "/-/ready").status) == 200 }
    defer { server.send(signal: SIGKILL) }
    var answers: [String] = []
    for query in queries {
      answers.append(try await answer(query, port: port))
    }
    return answers
  }

  private static func answer(_ query: String, port: Int) async throws -> String {
    // The last sample is two minutes before the end.
    let time = DemoBlocks.startSeconds + DemoBlocks.hours * 3600 - 120
    let reply = try await runInBackground(
      "curl",
      [
        "--silent", "--fail", "--data-urlencode", "query=\(query)", "--data", "time=\(time)",
        "http://127.0.0.1:\(port)/api/v1/query",
      ]
    ).requireSuccess()
    let root = try JSONSerialization.jsonObject(with: Data(reply.output)) as? [String: Any]
    let data = root?["data"] as? [String: Any]
    let result = data?["result"] as? [Any] ?? []
    let series = try result.map { one in
      String(
        decoding: try JSONSerialization.data(withJSONObject: one, options: [.sortedKeys]),
        as: UTF8.self)
    }
    return series.sorted().joined(separator: "\n")
  }
}
