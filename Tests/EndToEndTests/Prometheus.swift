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
    try await serving(directory) { port in
      var answers: [String] = []
      for query in queries { answers.append(try await answer(query, port: port)) }
      return answers
    }
  }

  /// What Prometheus answers about native histograms of one name, which one series has.
  struct HistogramAnswers {
    var counts: [Int64: AnsweredSamples.Value]
    var sums: [Int64: AnsweredSamples.Value]
  }

  /// The samples of the blocks in `directory` between two times in seconds: every float, and the
  /// counts and sums of `histograms` at every tenth minute. Version 2.42 answers a query for ranges
  /// of histograms with the last one again and again.
  static func samples(
    _ directory: String, from start: Int64, to end: Int64, histograms: [String]
  ) async throws -> (floats: AnsweredSamples, histograms: [String: HistogramAnswers]) {
    try await serving(directory) { port in
      func steps(_ query: String) async throws -> [Int64: AnsweredSamples.Value] {
        try AnsweredSamples(
          answer: try await ask(
            "query_range", ["query": query, "start": "\(start)", "end": "\(end)", "step": "600"],
            port: port)
        ).series.first?.value ?? [:]
      }
      let floats = try AnsweredSamples(
        answer: try await ask(
          "query",
          ["query": "{__name__=~\".+\"}[\(end - start + 1)s]", "time": "\(end)"], port: port))
      var answers: [String: HistogramAnswers] = [:]
      for name in histograms {
        answers[name] = HistogramAnswers(
          counts: try await steps("histogram_count(\(name))"),
          sums: try await steps("histogram_sum(\(name))"))
      }
      return (floats, answers)
    }
  }

  private static func serving<Value>(
    _ directory: String, _ body: (Int) async throws -> Value
  ) async throws -> Value {
    let port = try freePort()
    let configuration = directory + "-prometheus.yml"
    try Data("global: {}\n".utf8).write(to: URL(fileURLWithPath: configuration))
    let server = try RunningProgram(
      path: "/usr/bin/prometheus",
      [
        "--config.file=\(configuration)", "--storage.tsdb.path=\(directory)",
        "--web.listen-address=127.0.0.1:\(port)", "--storage.tsdb.retention.time=100y",
        "--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h",
        "--enable-feature=native-histograms",
      ])
    try await server.wait { (try? await httpRequest(port: port, "/-/ready").status) == 200 }
    defer { server.send(signal: SIGKILL) }
    return try await body(port)
  }

  private static func ask(
    _ path: String, _ fields: [String: String], port: Int
  ) async throws -> [UInt8] {
    try await runInBackground(
      "curl",
      ["--silent", "--show-error", "--fail-with-body"]
        + fields.flatMap { ["--data-urlencode", "\($0.key)=\($0.value)"] }
        + ["http://127.0.0.1:\(port)/api/v1/\(path)"]
    ).requireSuccess().output
  }

  private static func answer(_ query: String, port: Int) async throws -> String {
    // The last sample is two minutes before the end.
    let time = Int64(DemoBlocks.startSeconds + DemoBlocks.hours * 3600 - 120)
    let reply = try await ask("query", ["query": query, "time": "\(time)"], port: port)
    let root = try JSONSerialization.jsonObject(with: Data(reply)) as? [String: Any]
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
