import StoreAPI
import TSDBBlock
import TestSupport
import Testing

@Suite struct WireLabelsTests {
  typealias Labels = [(name: [UInt8], value: [UInt8])]

  /// The obvious order: pairwise by name, then value; shorter prefix first.
  static func naiveOrder(_ left: Labels, _ right: Labels) -> Int {
    for (one, other) in zip(left, right) {
      if one.name != other.name { return one.name.lexicographicallyPrecedes(other.name) ? -1 : 1 }
      if one.value != other.value {
        return one.value.lexicographicallyPrecedes(other.value) ? -1 : 1
      }
    }
    return left.count - right.count
  }

  static func randomLabels(using random: inout SeededRandom) -> Labels {
    let names: [[UInt8]] = [[0x61], [0x61, 0x62], [0x62], [0xC3, 0xA9], [0xFF]]
    return names.filter { _ in Bool.random(using: &random) }.map { name in
      let length = Bool.random(using: &random) ? 1 : 130
      return (name, (0..<length).map { _ in UInt8.random(in: 1...2, using: &random) })
    }
  }

  @Test func `the order is that of label pairs and not that of the encoded bytes`() {
    // Encoded, the longer value has the greater length byte in front and would come last.
    let long = WireLabels.encode([([0x61], [1, 1, 1])])
    let short = WireLabels.encode([([0x61], [2])])
    #expect(WireLabels.compare(long.rawSpan, short.rawSpan) < 0)
    #expect(WireLabels.compare(short.rawSpan, long.rawSpan) > 0)
  }

  @Test func `the order agrees with comparing names and values one by one`() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<4000 {
      let left = Self.randomLabels(using: &random)
      let right = Self.randomLabels(using: &random)
      let order = WireLabels.compare(
        WireLabels.encode(left).rawSpan, WireLabels.encode(right).rawSpan)
      #expect(order.signum() == Self.naiveOrder(left, right).signum())
    }
  }

  @Test func `reading gives back what was appended`() {
    var random = SeededRandom(seed: 2)
    for _ in 0..<200 {
      let labels = Self.randomLabels(using: &random)
      let encoded = WireLabels.encode(labels)
      var reader = WireLabels.Reader(encoded.rawSpan)
      for label in labels {
        let read = reader.next()
        #expect(read.map { Array(encoded[$0.name]) } == label.name)
        #expect(read.map { Array(encoded[$0.value]) } == label.value)
      }
      #expect(reader.next() == nil)
    }
  }

  @Test func `a cut wire form ends the reading without a trap`() {
    let encoded = WireLabels.encode([([0x61], Array(repeating: 1, count: 200)), ([0x62], [2])])
    for length in 0..<encoded.count {
      var reader = WireLabels.Reader(Array(encoded[..<length]).rawSpan)
      var count = 0
      while reader.next() != nil { count += 1 }
      #expect(count <= 1)
    }
  }
}
