import TestSupport
import Testing

@testable import TSDBBlock

@Suite struct BlockEditTests {
  @Test(arguments: 0..<8)
  func `an edit in small batches gives what a dictionary gives`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let model = BlockModel.random(start: 0, seriesCount: 120, using: &random)
    let prefix = Array("v1".utf8)
    let deleted = Int64(200)...Int64(450)
    try withTemporaryDirectory { directory in
      let block = try model.write(to: "\(directory)/old", 0..<1000)
      var edit = BlockEdit(input: block)
      edit.batchSize = Int.random(in: 1...40, using: &random)
      edit.deletions = [
        .init(matchers: try SelectorParser.parse("{l0=~\"v1.*\"}"), intervals: [deleted])
      ]
      // Turns the order of the values around and makes some series equal.
      let relabel = { @Sendable (labels: LabelSet) -> LabelSet? in
        let pairs = labels.pairs.filter { $0.name != Array("l1".utf8) }
        return LabelSet(pairs.map { ($0.name, Array($0.value.reversed())) })
      }
      edit.relabel = relabel
      var changes = 0
      try edit.examine { _ in changes += 1 }
      #expect(changes > 0)
      let writer = try BlockWriter(directory: "\(directory)/new")
      let summary = try #require(try edit.run(into: writer))
      try writer.publish(
        BlockMeta(id: .zero, minTime: 0, maxTime: 1000, stats: writer.stats))
      let read = try #require(try BlockVerification.read(directory: "\(directory)/new"))
      #expect(read.fingerprint == summary.fingerprint && read.series == summary.series)
      var expected: [LabelSet: Set<Int64>] = [:]
      for (labels, samples) in model {
        let isHit = labels.value(of: "l0")?.starts(with: prefix) == true
        let times = samples.keys.filter { !(isHit && deleted.contains($0)) }
        guard !times.isEmpty, let new = relabel(labels) else { continue }
        expected[new, default: []].formUnion(times)
      }
      let result = try BlockModel(reading: BlockReader(directory: "\(directory)/new"))
      #expect(result.mapValues { Set($0.keys) } == expected)
      let new = try BlockReader(directory: "\(directory)/new")
      let used = Set(expected.keys.flatMap { $0.pairs.flatMap { [$0.name, $0.value] } })
      #expect(try new.index.symbols.count == used.count)
    }
  }
}
