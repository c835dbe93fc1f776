internal import TSDBBlock
internal import TestSupport
internal import Testing

@testable internal import BlockToolCommand

@Suite struct `Histogram dump` {
  private static func exponential(isFloat: Bool) -> HistogramColumns {
    var columns = HistogramColumns()
    columns.isFloat = isFloat
    columns.layout.schema = 1
    columns.layout.zeroThreshold = 0.001.bitPattern
    columns.layout.positiveSpans = [.init(offset: 0, length: 2), .init(offset: 1, length: 1)]
    columns.layout.negativeSpans = [.init(offset: 0, length: 2)]
    func number(_ value: Double) -> UInt64 { isFloat ? value.bitPattern : UInt64(value) }
    columns.append(
      timestamp: 1000, count: number(12), zeroCount: number(2), sum: 18.4.bitPattern,
      buckets: [1, 2, 0, 3, 4].map(number))
    columns.append(
      timestamp: 2000, count: number(isFloat ? 14.5 : 15), zeroCount: number(2),
      sum: SampleValue.normalNaN, buckets: [1, 2, 0, 3, isFloat ? 6.5 : 7].map(number))
    return columns
  }

  // Written by hand after Histogram.String and FloatHistogram.String of Prometheus.
  @Test func `histograms are printed as Prometheus prints them`() {
    let integers = HistogramPromText(Self.exponential(isFloat: false))
    #expect(
      integers.text(at: 0) == "{count:12, sum:18.4, [-1.414213562373095,-1):4, "
        + "[-1,-0.7071067811865475):3, [-0.001,0.001]:2, (0.7071067811865475,1]:1, "
        + "(1,1.414213562373095]:2}")
    let floats = HistogramPromText(Self.exponential(isFloat: true))
    #expect(
      floats.text(at: 1) == "{count:14.5, sum:NaN, [-1.414213562373095,-1):6.5, "
        + "[-1,-0.7071067811865475):3, [-0.001,0.001]:2, (0.7071067811865475,1]:1, "
        + "(1,1.414213562373095]:2}")
  }

  @Test func `custom buckets reach from and to infinity`() {
    var columns = HistogramColumns()
    columns.layout.schema = HistogramLayout.customSchema
    columns.layout.positiveSpans = [.init(offset: 0, length: 3)]
    columns.layout.customBounds = [5.0, 10.0].map(\.bitPattern)
    columns.append(timestamp: 0, count: 6, zeroCount: 0, sum: 1.0.bitPattern, buckets: [1, 2, 3])
    #expect(
      HistogramPromText(columns).text(at: 0)
        == "{count:6, sum:1, [-Inf,5]:1, (5,10]:2, (10,+Inf]:3}")
  }

  @Test func `every format says what it can of a series of histograms`() throws {
    try withTemporaryDirectory { directory in
      let id = BlockID.make(now: 0)
      let block = "\(directory)/\(id)"
      let writer = try BlockWriter(directory: block)
      let labels = LabelSet(["__name__": "latency"])
      let ordinals = try writer.addSymbols(of: [labels])
      try writer.addSeries(labels, ordinals, histograms: Self.exponential(isFloat: false))
      try writer.publish(BlockMeta(id: id, minTime: 1000, maxTime: 2001))
      let prom = ToolRun("dump", block, "--max-time", "1000")
      #expect(prom.status == .clean)
      #expect(prom.lines.count == 1)
      #expect(prom.output.hasPrefix(#"{__name__="latency"} {count:12, sum:18.4, [-1.41"#))
      #expect(prom.output.hasSuffix("]:2} 1000\n"))
      let csv = ToolRun("dump", block, "--format", "csv")
      #expect(csv.lines[0] == "series,aggregate,timestamp,value")
      #expect(csv.lines[1].hasPrefix(#""{__name__=""latency""}",,1000,"{count:12, sum:18.4, "#))
      let json = try JSONValue(
        parsing: Array(ToolRun("dump", block, "--format", "json").output.utf8))
      #expect(json["timestamps"].array == nil)
      #expect(json["histograms"][0]["hint"].string == "unknown")
      #expect(json["histograms"][1]["hint"].string == "notReset")
      #expect(json["histograms"][1]["positiveBuckets"][1].int == 2)
      #expect(json["histograms"][1]["positiveSpans"][1][0].int == 1)
      let text = ToolRun("dump", block, "--format", "openmetrics")
      #expect(text.status == .failed)
      #expect(text.output == "# EOF\n")
      #expect(text.remarks.first?.contains("1 series with native histograms") == true)
    }
  }

  @Test func `deleted samples are printed only when asked for`() throws {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    var withTombstones = 0
    for block in try Golden.jsonLines("format/blocks.jsonl") {
      guard block["tombstones"].array?.isEmpty == false else { continue }
      let path = root + "/" + (try #require(block["path"].string))
      let kept = ToolRun("dump", path).lines
      let all = ToolRun("dump", path, "--include-deleted").lines
      #expect(all.count > kept.count)
      #expect(Set(kept).isSubset(of: all))
      withTombstones += 1
    }
    #expect(withTombstones > 0)
  }
}
