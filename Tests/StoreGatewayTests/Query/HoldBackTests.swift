import StoreAPI
import TSDBBlock
import TestSupport
import Testing

@testable import StoreGateway

@Suite struct HoldBackTests {
  typealias Labels = [(name: [UInt8], value: [UInt8])]

  static func wire(_ labels: Labels) -> [UInt8] { WireLabels.encode(labels) }

  static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    WireLabels.compare(left.rawSpan, right.rawSpan) < 0
  }

  static func randomSeries(using random: inout SeededRandom) -> [Labels] {
    var seen: Set<[UInt8]> = []
    var series: [Labels] = []
    for _ in 0..<Int.random(in: 1...30, using: &random) {
      let labels: Labels = "abdfgh".utf8.filter { _ in Int.random(in: 0..<3, using: &random) > 0 }
        .map { ([$0], [UInt8.random(in: 1...2, using: &random)]) }
      if seen.insert(wire(labels)).inserted { series.append(labels) }
    }
    return series.sorted { precedes(wire($0), wire($1)) }
  }

  /// Whether `next` begins with all labels of `previous`.
  static func extends(_ next: Labels, _ previous: Labels?) -> Bool {
    guard let previous, previous.count <= next.count else { return previous == nil }
    return zip(previous, next).allSatisfy { $0.name == $1.name && $0.value == $1.value }
  }

  /// Streams `series` through windows of `size` and returns the labels in the order released.
  static func stream(_ series: [Labels], adding external: Labels, size: Int) -> [[UInt8]] {
    var holdBack = HoldBack()
    var window = SeriesWindow()
    var result: [[UInt8]] = []
    var rest = series[...]
    while !rest.isEmpty {
      var next = SeriesWindow()
      var previous: Labels?
      for labels in rest.prefix(size) {
        let all = (labels + external).sorted { $0.name.lexicographicallyPrecedes($1.name) }
        next.endSeries(0, wire(all), extendsPrevious: extends(labels, previous))
        previous = labels
      }
      let fresh = next.count
      holdBack.carryOver(from: window, to: &next)
      #expect(next.count <= fresh + 6)
      window = next
      rest = rest.dropFirst(fresh)
      var released: [Int] = []
      for index in 0..<fresh { holdBack.admit(index, in: window, released: &released) }
      if rest.isEmpty { holdBack.finish(released: &released) }
      result += released.map { Array(window.labels[window.labelRange(at: $0)]) }
    }
    return result
  }

  @Test func `series come out as a full sort would put them`() {
    var random = SeededRandom(seed: 3)
    for _ in 0..<1000 {
      let series = Self.randomSeries(using: &random)
      let external: Labels = "ceg0z".utf8.filter { $0 != UInt8(ascii: "g") }
        .shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
        .map { ([$0], [9]) }
      let size = Int.random(in: 1...8, using: &random)
      let streamed = Self.stream(series, adding: external, size: size)
      #expect(streamed.count == series.count)
      #expect(zip(streamed, streamed.dropFirst()).allSatisfy { Self.precedes($0, $1) })
    }
  }

  @Test func `a series waits for those that extend it with an earlier name`() {
    let a: Labels = [([0x61], [1])]
    let streamed = Self.stream([a, a + [([0x62], [2])]], adding: [([0x63], [9])], size: 4)
    #expect(
      streamed == [
        Self.wire([([0x61], [1]), ([0x62], [2]), ([0x63], [9])]),
        Self.wire([([0x61], [1]), ([0x63], [9])]),
      ])
  }
}
