internal import Console
internal import TSDBBlock

/// What a comparison found, written as it is found.
///
///     - {…}  120 samples from … to …           a series only in the first block
///     ~ {…}                                    a series of both that differs
///         - 1709294400000 0.5                  a sample only in the first
///         + 1709294415000 sum 0.7              an aggregate's sample only in the second
///         ~ 1709294430000 1 -> NaN (7ff8…)     bits of every NaN
///         ~ chunk 3: XOR … -> XOR2 …
///     2 of 10 series differ: …                 the summary
struct DiffReport {
  enum Side: String {
    case first, second

    var sign: String { self == .first ? "-" : "+" }
  }

  struct Summary {
    var equalSeries = 0
    var differentSeries = 0
    var onlyFirstSeries = 0
    var onlySecondSeries = 0
    var equalSamples = 0
    var differentSamples = 0
    var onlyFirstSamples = 0
    var onlySecondSamples = 0
    var differentChunks = 0
  }

  private let format: OutputFormat
  private let limit: Int
  private let context: ToolContext
  private(set) var summary = Summary()
  /// Differences of the current series, and those of them that were shown.
  private var differences = 0
  private var shown = 0

  init(_ format: OutputFormat, limit: Int, _ context: ToolContext) {
    self.format = format
    self.limit = limit
    self.context = context
  }

  var isEqual: Bool {
    summary.differentSeries + summary.onlyFirstSeries + summary.onlySecondSeries == 0
  }

  // MARK: Series

  mutating func only(_ side: Side, _ labels: LabelSet, _ runs: [DiffRun]) throws {
    let samples = runs.reduce(0) { $0 + $1.columns.count }
    // All of its samples may be deleted.
    guard samples > 0 else { return }
    if side == .first {
      summary.onlyFirstSeries += 1
      summary.onlyFirstSamples += samples
    } else {
      summary.onlySecondSeries += 1
      summary.onlySecondSamples += samples
    }
    let first = runs.compactMap { $0.columns.timestamps.first }.min() ?? 0
    let last = runs.compactMap { $0.columns.timestamps.last }.max() ?? 0
    switch format {
    case .text:
      try context.output.write(
        "\(side.sign) \(labels)  \(HumanText.plural(samples, "sample")) from "
          + "\(HumanText.time(first)) to \(HumanText.time(last))\n")
    case .json:
      try write([
        "kind": .string("series"), "labels": .labels(labels.pairs),
        "onlyIn": .string(side.rawValue), "samples": .count(samples), "minTime": .count(first),
        "maxTime": .count(last),
      ])
    }
  }

  mutating func beginSeries() {
    differences = 0
    shown = 0
  }

  mutating func endSeries(_ labels: LabelSet) throws {
    if differences == 0 { summary.equalSeries += 1 } else { summary.differentSeries += 1 }
    if format == .text, differences > shown {
      if shown == 0 { try context.output.write("~ \(labels)\n") }
      try context.output.write(
        "    "
          + (shown == 0 ? "" : "and ")
          + HumanText.plural(
            differences - shown, shown == 0 ? "difference" : "more", shown == 0 ? nil : "more")
          + "\n")
    }
  }

  /// Whether the next difference of the series is to be shown; writes the series before the first.
  private mutating func begins(_ labels: LabelSet) throws -> Bool {
    differences += 1
    guard shown < limit else { return false }
    if shown == 0, format == .text { try context.output.write("~ \(labels)\n") }
    shown += 1
    return true
  }

  // MARK: Samples and chunks

  mutating func countEqual(_ samples: Int) { summary.equalSamples += samples }

  /// A sample that is absent on one side or differs. At least one of them is there.
  mutating func sample(_ labels: LabelSet, _ left: DiffSample?, _ right: DiffSample?) throws {
    switch (left, right) {
    case (_, nil): summary.onlyFirstSamples += 1
    case (nil, _): summary.onlySecondSamples += 1
    default: summary.differentSamples += 1
    }
    guard try begins(labels), let any = left ?? right else { return }
    switch format {
    case .text:
      let sign = left == nil ? "+" : right == nil ? "-" : "~"
      let kind = any.run.kind.map { "\($0) " } ?? ""
      let values = [left, right].compactMap { $0 }.map(Self.text)
      try context.output.write(
        "    \(sign) \(any.time) \(kind)\(values.joined(separator: " -> "))\n")
    case .json:
      try write([
        "kind": .string("sample"), "labels": .labels(labels.pairs),
        "aggregate": any.run.kind.map { .string("\($0)") }, "timestamp": .count(any.time),
        "first": left.map(Self.json), "second": right.map(Self.json),
        "firstBits": left.flatMap(Self.bits), "secondBits": right.flatMap(Self.bits),
      ])
    }
  }

  private static func text(_ sample: DiffSample) -> String {
    let bits = sample.bits
    let hint = Double(bitPattern: bits).isNaN ? " (" + hexadecimal(bits) + ")" : ""
    return SampleTexts(sample.run.columns).text(at: sample.index) + hint
  }

  private static func json(_ sample: DiffSample) -> RawJSON {
    sample.isFloat
      ? HistogramJSON.double(sample.bits)
      : HistogramJSON.object(sample.run.columns.histograms, sample.index)
  }

  private static func bits(_ sample: DiffSample) -> RawJSON? {
    Double(bitPattern: sample.bits).isNaN ? .string(hexadecimal(sample.bits)) : nil
  }

  /// A chunk at a place of a series; nil where there is none or it cannot be read.
  mutating func chunk(
    _ labels: LabelSet, _ place: Int, _ left: DiffChunk?, _ right: DiffChunk?
  ) throws {
    summary.differentChunks += 1
    guard try begins(labels) else { return }
    switch format {
    case .text:
      func text(_ chunk: DiffChunk?) -> String {
        chunk.map { "\($0.encoding) \($0.minTime) to \($0.maxTime)" } ?? "none"
      }
      try context.output.write("    ~ chunk \(place + 1): \(text(left)) -> \(text(right))\n")
    case .json:
      func json(_ chunk: DiffChunk?) -> RawJSON? {
        chunk.map {
          .object([
            "encoding": .string($0.encoding.name), "minTime": .count($0.minTime),
            "maxTime": .count($0.maxTime),
          ])
        }
      }
      try write([
        "kind": .string("chunk"), "labels": .labels(labels.pairs), "place": .count(place),
        "first": json(left), "second": json(right),
      ])
    }
  }

  // MARK: Summary

  func finish() throws {
    switch format {
    case .text: try context.output.write(isEqual ? equalLine : differentLines)
    case .json:
      try write([
        "kind": .string("summary"), "isEqual": .bool(isEqual),
        "equalSeries": .count(summary.equalSeries),
        "differentSeries": .count(summary.differentSeries),
        "onlyFirstSeries": .count(summary.onlyFirstSeries),
        "onlySecondSeries": .count(summary.onlySecondSeries),
        "equalSamples": .count(summary.equalSamples),
        "differentSamples": .count(summary.differentSamples),
        "onlyFirstSamples": .count(summary.onlyFirstSamples),
        "onlySecondSamples": .count(summary.onlySecondSamples),
        "differentChunks": .count(summary.differentChunks),
      ])
    }
  }

  private var equalLine: String {
    "equal: \(HumanText.plural(summary.equalSeries, "series", "series")), "
      + "\(HumanText.plural(summary.equalSamples, "sample"))\n"
  }

  private var differentLines: String {
    func parts(_ noun: String, _ counts: [(Int, String)]) -> String {
      noun + counts.map { "\(HumanText.count($0.0)) \($0.1)" }.joined(separator: ", ") + "\n"
    }
    let series = parts(
      "series:  ",
      [
        (summary.equalSeries, "equal"), (summary.differentSeries, "different"),
        (summary.onlyFirstSeries, "only in the first"),
        (summary.onlySecondSeries, "only in the second"),
      ])
    let samples = parts(
      "samples: ",
      [
        (summary.equalSamples, "equal"), (summary.differentSamples, "different"),
        (summary.onlyFirstSamples, "only in the first"),
        (summary.onlySecondSamples, "only in the second"),
      ])
    let chunks =
      summary.differentChunks == 0
      ? "" : parts("chunks:  ", [(summary.differentChunks, "different")])
    return series + samples + chunks
  }

  private func write(_ members: KeyValuePairs<String, RawJSON?>) throws {
    try context.output.write(RawJSON.object(members).compactBytes + [UInt8(ascii: "\n")])
  }
}
