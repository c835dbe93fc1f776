/// `blockhouse-bench [word…]`: runs the benchmarks whose group starts with one of the words, or all.
@main
struct Bench {
  private static let groups: [(name: String, run: @Sendable () throws -> [Measurement])] = [
    ("xor", xorBenchmarks), ("histogram", histogramBenchmarks), ("index", indexBenchmarks),
    ("postings", postingsBenchmarks), ("write-index", indexWriteBenchmarks),
    ("verify", verifyBenchmarks), ("merge", mergeBenchmarks), ("replicas", replicaBenchmarks),
    ("downsample", downsampleBenchmarks), ("salvage", salvageBenchmarks), ("blocks", makeBlocks),
  ]

  static func main() throws {
    let wanted = CommandLine.arguments.dropFirst()
    print(row("benchmark", "best", "median", "unit", "rounds"))
    for group in groups where wanted.isEmpty || wanted.contains(where: group.name.hasPrefix) {
      for result in try group.run() {
        print(
          row(
            result.name, format(result.best), format(result.median), "ns/" + result.unit,
            "\(result.rounds.count)"))
      }
    }
  }

  private static func row(_ cells: String...) -> String {
    let widths = [44, -12, -12, 12, -7]
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
