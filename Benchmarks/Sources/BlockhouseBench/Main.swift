/// `blockhouse-bench [word…]`: runs the benchmarks whose group starts with one of the words, or all;
/// of `group:text` only those whose name contains the text.
@main
struct Bench {
  private static let groups: [(name: String, run: @Sendable () throws -> [Measurement])] = [
    ("xor", xorBenchmarks), ("histogram", histogramBenchmarks), ("index", indexBenchmarks),
    ("postings", postingsBenchmarks), ("write-index", indexWriteBenchmarks),
    ("verify", verifyBenchmarks), ("merge", mergeBenchmarks), ("replicas", replicaBenchmarks),
    ("downsample", downsampleBenchmarks), ("salvage", salvageBenchmarks), ("blocks", makeBlocks),
  ]

  private static let words = CommandLine.arguments.dropFirst().map {
    $0.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
  }

  static func main() throws {
    print(row("benchmark", "best", "median", "cpu", "unit", "rounds"))
    for group in groups
    where words.isEmpty || words.contains(where: { group.name.hasPrefix($0[0]) }) {
      for result in try group.run() where !result.rounds.isEmpty {
        print(
          row(
            result.name, format(result.best), format(result.median), format(result.cpu),
            "ns/" + result.unit, "\(result.rounds.count)"))
      }
    }
  }

  static func isWanted(_ name: String) -> Bool {
    words.isEmpty || words.contains { $0.count < 2 || name.contains($0[1]) }
  }

  private static func row(_ cells: String...) -> String {
    let widths = [44, -12, -12, -12, 12, -7]
    return zip(cells, widths).map { cell, width in
      let blank = String(repeating: " ", count: max(0, abs(width) - cell.count))
      return width < 0 ? blank + cell : cell + blank
    }.joined(separator: " ")
  }

  private static func format(_ nanoseconds: Double) -> String {
    let hundredths = (nanoseconds * 100).rounded()
    let whole = Int(hundredths) / 100
    let rest = Int(hundredths) % 100
    return "\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }
}
