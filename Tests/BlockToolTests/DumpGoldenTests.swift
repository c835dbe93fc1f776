internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Dump Golden` {
  @Test func `dump prints every sample that is not deleted, in each format`() throws {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    for block in try Golden.jsonLines("format/blocks.jsonl") {
      let name = try #require(block["name"].string)
      let path = root + "/" + (try #require(block["path"].string))
      let all = ToolRun("dump", path, "--include-deleted", "--aggregate", "count")
      #expect(all.status == .clean, "\(name) \(all.remarks)")
      #expect(all.lines.count == block["totals"]["samples"].int, "\(name)")
      let kept = ToolRun("dump", path)
      let csv = ToolRun("dump", path, "--format", "csv")
      #expect(csv.lines.count == kept.lines.count + 1, "\(name)")
      let isPlain = try #require(block["totals"]["chunks_by_encoding"].object).keys
        .allSatisfy { $0 == "1" || $0 == "4" }
      let text = ToolRun("dump", path, "--format", "openmetrics")
      #expect(text.status == (isPlain ? .clean : .failed), "\(name)")
      #expect(text.remarks.isEmpty == isPlain, "\(name)")
      if isPlain { #expect(text.lines.count == kept.lines.count + 1, "\(name)") }
    }
  }

  @Test func `dump as JSON holds every histogram and aggregate with all its fields`() throws {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    for block in try Golden.jsonLines("format/blocks.jsonl") {
      let path = root + "/" + (try #require(block["path"].string))
      // Plain floats have tests of their own, and parsing them all takes long.
      guard
        block["totals"]["chunks_by_encoding"].object?.keys.contains(where: { $0 != "1" }) == true
      else { continue }
      let run = ToolRun("dump", path, "--format", "json")
      var series = try BlockReader(directory: path).series()
      for line in run.lines {
        let object = try JSONValue(parsing: Array(line.utf8))
        while try series.next() {
          var expected: [String: Samples] = [:]
          try Self.collect(series, into: &expected)
          guard expected.values.contains(where: { !$0.isEmpty }) else { continue }
          var found = (object["aggregates"].object ?? [:]).mapValues { Samples($0) }
          found[""] = Samples(object)
          for (kind, samples) in expected {
            #expect(found[kind] == samples, "\(series.labels) \(kind)")
          }
          #expect(found.keys.allSatisfy { $0 == "" || expected[$0] != nil })
          break
        }
      }
    }
  }

  /// By aggregate; under the empty name what is none.
  private static func collect(
    _ series: SeriesReader, into samples: inout [String: Samples]
  ) throws {
    var columns = ChunkColumns()
    for chunk in series.chunks {
      guard try series.encoding(of: chunk) == .aggregate else {
        try series.read(chunk, into: &columns)
        samples["", default: Samples()].add(columns)
        continue
      }
      for kind in AggregateChunk.Kind.allCases
      where try series.read(kind, of: chunk, into: &columns) {
        samples["\(kind)", default: Samples()].add(columns)
      }
    }
  }

  private struct Samples: Equatable, CustomStringConvertible {
    var times: [Int64] = []
    var values: [String] = []
    /// Canonical lines without the start time.
    var histograms: [String] = []

    var isEmpty: Bool { times.isEmpty && histograms.isEmpty }
    var description: String { "\(times.count) floats, \(histograms.count) histograms" }

    init() {}

    init(_ object: JSONValue) {
      times = (object["timestamps"].array ?? []).map { $0.int64 ?? 0 }
      values = (object["values"].array ?? []).map { $0.string ?? "" }
      histograms = (object["histograms"].array ?? []).map(histogramLine)
    }

    mutating func add(_ columns: ChunkColumns) {
      times += columns.floats.timestamps
      values += columns.floats.values.map {
        $0 == SampleValue.staleMarker ? "stale" : PromText.float($0)
      }
      guard columns.kind != .floats else { return }
      for (_, line) in canonicalLines(columns) {
        let parts = line.split(separator: " ", maxSplits: 2)
        histograms.append("\(parts[0]) \(parts[2].dropLast())")
      }
    }
  }

  private static func histogramLine(_ object: JSONValue) -> String {
    let isFloat = object["isFloat"].bool == true
    let isStale = object["sum"].string == "stale"
    func count(_ value: JSONValue) -> String {
      isFloat ? "\"\(hexDigits(bits(value)))\"" : "\(value.int ?? 0)"
    }
    func list(_ key: String, _ text: (JSONValue) -> String) -> String {
      isStale ? "" : (object[key].array ?? []).map(text).joined(separator: ",")
    }
    func spans(_ key: String) -> String {
      list(key) { "[\($0[0].int ?? 0),\($0[1].int ?? 0)]" }
    }
    return "\(isFloat ? "G" : "H") \(object["timestamp"].int ?? 0) "
      + "{\"schema\":\(isStale ? 0 : object["schema"].int ?? 0),"
      + "\"zero_threshold\":\"\(isStale ? hexDigits(0) : hexDigits(bits(object["zeroThreshold"])))\","
      + "\"zero_count\":\(count(object["zeroCount"])),\"count\":\(count(object["count"])),"
      + "\"sum\":\"\(hexDigits(bits(object["sum"])))\","
      + "\"positive_spans\":[\(spans("positiveSpans"))],"
      + "\"positive_buckets\":[\(list("positiveBuckets", count))],"
      + "\"negative_spans\":[\(spans("negativeSpans"))],"
      + "\"negative_buckets\":[\(list("negativeBuckets", count))],"
      + "\"custom_values\":[\(list("customBounds") { "\"\(hexDigits(bits($0)))\"" })]}"
  }

  private static func bits(_ value: JSONValue) -> UInt64 {
    switch value.string ?? "" {
    case "stale": SampleValue.staleMarker
    case "NaN": SampleValue.normalNaN
    case "+Inf": Double.infinity.bitPattern
    case "-Inf": (-Double.infinity).bitPattern
    case let text: Double(text)?.bitPattern ?? 0
    }
  }

  @Test func `inspect and dump of a damaged block never trap`() throws {
    let root = try Golden.unpacked("format/corrupt.tar.gz")
    for block in try Golden.jsonLines("format/corrupt.jsonl") {
      let path = root + "/" + (try #require(block["block"].string))
      let isError = block["severity"].string == "error"
      let run = ToolRun("inspect", path, "--deep", "--output", "json")
      #expect((run.status == .damaged) == isError, "\(block["id"])")
      #expect(try JSONValue(parsing: Array(run.output.utf8))["isDamaged"].bool == isError)
      let shallow = ToolRun("inspect", path)
      #expect(shallow.status != .damaged || isError, "\(block["id"])")
      _ = ToolRun("dump", path)
    }
  }
}
