internal import Testing

@testable internal import TSDBBlock

@Suite struct HistogramBoundsTests {
  // From the table `exponentialBounds` in model/histogram/generic.go, whose last digits are its own.
  @Test(arguments: [
    (1, 1, 1.414213562373095), (2, 3, 1.6817928305074288), (3, 5, 1.5422108254079408),
    (3, 7, 1.8340080864093422), (4, 15, 1.915206561397147), (5, 1, 1.0218971486541166),
    (7, 127, 1.9891988469672656), (8, 129, 1.4180478843204152), (8, 187, 1.6591780921616158),
    (8, 255, 1.9945921121709396), (8, 256, 2), (8, -256, 0.5), (8, -128, 0.7071067811865475),
    (0, 1024, .greatestFiniteMagnitude), (0, 1025, .infinity), (-2, 1, 16), (-2, -1, 0.0625),
    (-1, 512, .greatestFiniteMagnitude),
  ])
  func `bounds are those of Prometheus to the last digit`(
    schema: Int32, index: Int, expected: Double
  ) {
    #expect(ExponentialBounds.upper(index, schema: schema) == expected)
  }

  @Test(arguments: 1...8)
  func `a schema has the bounds of the coarser one and one more between each two`(schema: Int32) {
    for index in -1000...1000 {
      let upper = ExponentialBounds.upper(index, schema: schema)
      #expect(upper > ExponentialBounds.upper(index - 1, schema: schema))
      #expect(
        ExponentialBounds.upper(2 * index, schema: schema)
          == ExponentialBounds.upper(index, schema: schema - 1))
    }
  }

  @Test func `buckets have the ends that Prometheus gives them`() {
    var layout = HistogramLayout()
    layout.positiveSpans = [.init(offset: -1, length: 1), .init(offset: 2, length: 1)]
    layout.negativeSpans = [.init(offset: 0, length: 1)]
    layout.zeroThreshold = 0.25.bitPattern
    func range(_ lower: Double, _ upper: Double, _ ends: (Bool, Bool)) -> HistogramBucketRange {
      HistogramBucketRange(
        lower: lower, upper: upper, includesLower: ends.0, includesUpper: ends.1)
    }
    #expect(
      layout.positiveRanges == [range(0.25, 0.5, (false, true)), range(2, 4, (false, true))])
    #expect(layout.negativeRanges == [range(-1, -0.5, (true, false))])
    #expect(layout.zeroRange == range(-0.25, 0.25, (true, true)))
    layout.schema = HistogramLayout.customSchema
    layout.customBounds = [Double(1).bitPattern]
    layout.positiveSpans = [.init(offset: 0, length: 4)]
    #expect(
      layout.positiveRanges == [
        range(-.infinity, 1, (true, true)), range(1, .infinity, (false, true)),
        range(.infinity, .infinity, (false, true)), range(.infinity, .infinity, (false, true)),
      ])
  }
}
