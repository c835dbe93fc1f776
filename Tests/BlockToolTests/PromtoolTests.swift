internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

/// Blocks exchanged with Debian's promtool, in both directions.
@Suite struct `Promtool` {
  private static let isInstalled =
    (try? runProcess("promtool", ["--version"]))?.status == 0

  @Test(.enabled(if: isInstalled))
  func `every sample of a block that promtool made is dumped as promtool dumps it`() throws {
    try withTemporaryDirectory { directory in
      try makeOpenMetrics(seed: 1).write(
        toFile: directory + "/in.om", atomically: true, encoding: .utf8)
      _ = try runProcess(
        "promtool",
        ["tsdb", "create-blocks-from", "openmetrics", directory + "/in.om", directory + "/db"]
      ).requireSuccess()
      let theirs = try promtoolDump(directory + "/db")
      #expect(theirs.count >= 100_000)
      #expect(try ourDump(directory + "/db") == theirs)
    }
  }

  @Test(.enabled(if: isInstalled))
  func `promtool accepts the blocks that create makes and dumps the same samples`() throws {
    try withTemporaryDirectory { directory in
      try makeOpenMetrics(seed: 2).write(
        toFile: directory + "/in.om", atomically: true, encoding: .utf8)
      let run = ToolRun("create", directory + "/in.om", "-o", directory + "/db")
      #expect(run.status == .clean, "\(run.remarks)")
      #expect(run.lines.count == 3)
      let analyze = try runProcess("promtool", ["tsdb", "analyze", directory + "/db"])
      #expect(analyze.status == 0, "\(analyze.errorText)")
      let theirs = try promtoolDump(directory + "/db")
      #expect(theirs.count >= 100_000)
      #expect(try ourDump(directory + "/db") == theirs)
    }
  }

  @Test(.enabled(if: isInstalled))
  func `promtool dumps the same samples from a block, from its parts and from these merged`() throws
  {
    try withTemporaryDirectory { directory in
      try makeOpenMetrics(seed: 3).write(
        toFile: directory + "/in.om", atomically: true, encoding: .utf8)
      #expect(ToolRun("create", directory + "/in.om", "-o", directory + "/db").status == .clean)
      let whole = try promtoolDump(directory + "/db")
      var parts: [String] = []
      for name in try namesInDirectory(directory + "/db") where BlockID(name) != nil {
        let run = ToolRun(
          "split", "\(directory)/db/\(name)", "-o", directory + "/parts", "--range", "25m")
        #expect(run.status == .clean, "\(run.remarks)")
        parts += run.lines.map { String($0.prefix { $0 != " " }) }
      }
      #expect(parts.count > 10)
      #expect(try promtoolDump(directory + "/parts") == whole)
      let merged = ToolRun(["merge", "-o", directory + "/merged"] + parts)
      #expect(merged.status == .clean, "\(merged.remarks)")
      #expect(try promtoolDump(directory + "/merged") == whole)
    }
  }

  private func promtoolDump(_ directory: String) throws -> [Substring] {
    // It opens the directory as a database and misses the log otherwise.
    try FileManager.default.createDirectory(
      atPath: directory + "/wal", withIntermediateDirectories: true)
    let text = try runProcess("promtool", ["tsdb", "dump", directory]).requireSuccess().outputText
    return text.split(separator: "\n").sorted()
  }

  private func ourDump(_ directory: String) throws -> [Substring] {
    var lines: [Substring] = []
    for name in try namesInDirectory(directory) where BlockID(name) != nil {
      let run = ToolRun("dump", "\(directory)/\(name)")
      #expect(run.status == .clean, "\(run.remarks)")
      lines += run.output.split(separator: "\n")
    }
    return lines.sorted()
  }

  /// Three blocks of two hours: counters, gauges, every special value, UTF-8, 200 label values.
  private func makeOpenMetrics(seed: UInt64) -> String {
    var random = SeededRandom(seed: seed)
    let start: Int64 = 1_709_294_400_000
    var text = "# TYPE requests counter\n"
    for pod in 0..<200 {
      var total = 0.0
      for step in 0..<420 {
        total += Double(Int.random(in: 0...9, using: &random))
        let time = OpenMetricsText.seconds(start + Int64(step) * 45_000 + Int64(pod))
        text += "requests_total{pod=\"pod-\(pod)\",zone=\"\(pod % 3)\"} \(total) \(time)\n"
      }
    }
    text += "# TYPE level gauge\n"
    let special = ["NaN", "+Inf", "-Inf", "0", "-0", "5e-324", "1.7976931348623157e+308", "1e-7"]
    for (index, name) in ["plain", "Ünïcödé", "日本語", "q\\\"uote", "new\\nline"].enumerated() {
      for step in 0..<4_000 {
        let value =
          step % 50 < special.count
          ? special[step % 50] : "\(Double.random(in: -1e6...1e6, using: &random))"
        let time = OpenMetricsText.seconds(start + Int64(step) * 4_500 + Int64(index))
        text += "level{name=\"\(name)\"} \(value) \(time)\n"
      }
    }
    return text + "# EOF\n"
  }
}
