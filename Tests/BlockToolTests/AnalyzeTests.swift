internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

/// `inspect` beside `promtool tsdb analyze`, on the same block.
@Suite struct `Promtool analyze` {
  private static let isInstalled = (try? runProcess("promtool", ["--version"]))?.status == 0

  /// What is compared: the numbers, and the counts of each list. Which of several labels with the same
  /// count comes first is up to each side.
  private struct Lists: Equatable {
    var numbers: [String: Int] = [:]
    var lists: [String: [Int]] = [:]
  }

  @Test(.enabled(if: isInstalled))
  func `numbers and lists agree`() throws {
    try withTemporaryDirectory { directory in
      try Self.openMetrics().write(toFile: directory + "/in.om", atomically: true, encoding: .utf8)
      #expect(ToolRun("create", directory + "/in.om", "-o", directory + "/db").status == .clean)
      let name = try #require(try namesInDirectory(directory + "/db").first { BlockID($0) != nil })
      let theirs = try Self.promtool(directory + "/db", name)
      let ours = try Self.inspect("\(directory)/db/\(name)")
      #expect(theirs.numbers.count == 4)
      #expect(theirs.lists.count == 6)
      #expect(ours == theirs)
    }
  }

  @Test(.enabled(if: isInstalled), arguments: ["blocks.tar.gz"])
  func `numbers and lists agree on blocks of Prometheus`(archive: String) throws {
    let directory = try Golden.unpacked("format/" + archive)
    var compared = 0
    for path in try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
    where path.hasSuffix("/meta.json") {
      let block = (path as NSString).deletingLastPathComponent
      let name = (block as NSString).lastPathComponent
      guard BlockID(name) != nil else { continue }
      // The length of a block over all times overflows there, and the churn is made of it.
      let meta = try BlockReader.readMeta("\(directory)/\(block)")
      if meta.maxTime.subtractingReportingOverflow(meta.minTime).overflow { continue }
      try withTemporaryDirectory { copy in
        try FileManager.default.copyItem(
          atPath: "\(directory)/\(block)", toPath: "\(copy)/\(name)")
        // An old promtool does not read every encoding; then there is nothing to compare with.
        guard let theirs = try? Self.promtool(copy, name), theirs.numbers["series"] ?? 0 > 0 else {
          return
        }
        #expect(try Self.inspect("\(copy)/\(name)") == theirs, "\(block)")
        compared += 1
      }
    }
    #expect(compared > 10)
  }

  private static let limit = 20

  private static func promtool(_ directory: String, _ block: String) throws -> Lists {
    try FileManager.default.createDirectory(
      atPath: directory + "/wal", withIntermediateDirectories: true)
    let text = try runProcess(
      "promtool", ["tsdb", "analyze", "--limit=\(limit)", directory, block]
    ).requireSuccess().outputText
    let titles = [
      "Label pairs most involved in churning:": "churningPairs",
      "Label names most involved in churning:": "churningNames",
      "Most common label pairs:": "commonPairs",
      "Label names with highest cumulative label value length:": "longestValues",
      "Highest cardinality labels:": "highestLabels",
      "Highest cardinality metric names:": "highestMetrics",
    ]
    let numbers = [
      "Series: ": "series", "Label names: ": "labelNames",
      "Postings (unique label pairs): ": "labelPairs",
      "Postings entries (total label pairs): ": "entries",
    ]
    var lists = Lists()
    var current: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let title = titles[String(line)] {
        current = title
        lists.lists[title] = []
      } else if let number = numbers.first(where: { line.hasPrefix($0.key) }) {
        lists.numbers[number.value] = Int(line.dropFirst(number.key.count))
      } else if let current, let count = Int(line.prefix { $0 != " " }) {
        // Ours leaves out what churns not at all.
        if count > 0 { lists.lists[current, default: []].append(count) }
      } else if line.isEmpty {
        current = nil
      }
    }
    return lists
  }

  private static func inspect(_ block: String) throws -> Lists {
    let run = ToolRun("inspect", block, "--top", "\(limit)", "--output", "json")
    let json = try JSONValue(parsing: Array(run.output.utf8))
    let cardinality = json["cardinality"]
    var lists = Lists()
    lists.numbers = [
      "series": json["series"].int ?? -1, "labelNames": cardinality["labelNames"].int ?? -1,
      "labelPairs": cardinality["labelPairs"].int ?? -1,
    ]
    // Text only: the JSON counts pairs by list.
    let text = ToolRun("inspect", block, "--top", "1").lines
    if let line = text.first(where: { $0.hasSuffix(" entries") }) {
      let digits = line.filter(\.isNumber)
      lists.numbers["entries"] = Int(digits)
    }
    for list in [
      "churningPairs", "churningNames", "commonPairs", "longestValues", "highestLabels",
      "highestMetrics",
    ] {
      lists.lists[list] = (cardinality[list].array ?? []).compactMap { $0["count"].int }
    }
    return lists
  }

  private static func openMetrics() -> String {
    var random = SeededRandom(seed: 11)
    let start: Int64 = 1_709_294_400_000
    var text = "# TYPE level gauge\n"
    for pod in 0..<60 {
      let first = Int64.random(in: 0..<60, using: &random) * 60_000
      for step in 0..<40 {
        let time = OpenMetricsText.seconds(start + first + Int64(step) * 60_000 + Int64(pod))
        text +=
          "level{pod=\"pod-\(pod)\",zone=\"z\(pod % 7)\",team=\"t\(pod % 3)\"} \(step) \(time)\n"
      }
    }
    return text + "# EOF\n"
  }
}
