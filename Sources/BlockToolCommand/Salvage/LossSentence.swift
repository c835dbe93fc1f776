internal import Console
internal import TSDBBlock

/// What a damage means for the data, in one sentence.
struct LossSentence {
  private let report: SalvageReport

  init(_ report: SalvageReport) { self.report = report }

  /// `3 series lose 41 samples between … and …; 1 series is lost`
  var text: String {
    var parts: [String] = []
    let chunks = report.losses.filter { !$0.isSeries }
    if report.lost.chunks > 0 {
      let series = Set(chunks.compactMap(\.labels)).count
      let isCut = report.lossCounts.values.reduce(0, +) > report.losses.count
      parts.append(
        (isCut ? "more than " : "")
          + "\(HumanText.count(series)) series \(series == 1 ? "loses" : "lose") \(samples)"
          + Self.between(chunks))
    }
    if report.lost.series > 0 {
      let count = report.lost.series
      let held = report.unaccounted.map {
        " with \(HumanText.plural($0.samples, "sample")) by meta.json"
      }
      parts.append(
        "\(HumanText.count(count)) series \(count == 1 ? "is" : "are") lost" + (held ?? ""))
    }
    if report.lost.seriesBytes > 0 {
      parts.append("what series stood in \(HumanText.bytes(report.lost.seriesBytes)) is unknown")
    }
    if report.conflictingSamples > 0 {
      let count = report.conflictingSamples
      parts.append("\(HumanText.plural(count, "time")) had several values, the first stays")
    }
    if case .lost = report.deletions { parts.append("the deletions are lost") }
    return parts.isEmpty ? "nothing is lost" : parts.joined(separator: "; ")
  }

  private var samples: String {
    let known = HumanText.plural(report.lost.samples, "sample")
    guard report.lost.chunksOfUnknownCount > 0 else { return known }
    let chunks = HumanText.plural(report.lost.chunksOfUnknownCount, "chunk")
    return report.lost.samples > 0 ? "\(known) and those of \(chunks)" : "the samples of \(chunks)"
  }

  /// The same of some losses only; nil when there are none.
  static func text(of losses: [SalvageReport.Loss]) -> String? {
    guard !losses.isEmpty else { return nil }
    let chunks = losses.filter { !$0.isSeries }
    var parts: [String] = []
    if !chunks.isEmpty {
      let series = Set(chunks.compactMap(\.labels)).count
      let known = chunks.compactMap(\.samples).reduce(0, +)
      let unknown = chunks.count { $0.samples == nil }
      var samples = HumanText.plural(known, "sample")
      if unknown > 0 {
        let text = HumanText.plural(unknown, "chunk")
        samples = known > 0 ? "\(samples) and those of \(text)" : "the samples of \(text)"
      }
      let who =
        series == 0
        ? "series that are not known lose"
        : "\(HumanText.count(series)) series \(series == 1 ? "loses" : "lose")"
      parts.append("\(who) \(samples)" + between(chunks))
    }
    let whole = losses.count - chunks.count
    if whole > 0 {
      parts.append("\(HumanText.count(whole)) series \(whole == 1 ? "is" : "are") lost")
    }
    return parts.joined(separator: "; ")
  }

  private static func between(_ losses: [SalvageReport.Loss]) -> String {
    guard let first = losses.compactMap({ $0.times?.lowerBound }).min(),
      let last = losses.compactMap({ $0.times?.upperBound }).max()
    else { return "" }
    return " between \(HumanText.time(first)) and \(HumanText.time(last))"
  }
}
