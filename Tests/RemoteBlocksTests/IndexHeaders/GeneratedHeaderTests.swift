import TSDBBlock
import TestSupport
import Testing

@testable import RemoteBlocks

@Suite struct GeneratedHeaderTests {
  @Test("every pair of a block has the range of its list, and pairs between them have none")
  func everyPair() async throws {
    let id = try #require(BlockID("01M81TM769G6KD7MVWD56GJ0RY"))
    var pairs: [[(String, String)]] = ["a", "b", "c-eu-west-1"].map { [("cluster", $0)] }
    pairs += [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13].map { [("a", "\($0)")] }
    pairs += (1...2).map { [("a", "1"), ("longer-string", "\($0)")] }
    pairs += (0..<200).map { [("many", "value \($0)")] }
    let series = pairs.map { pairs in
      TestSeries(LabelSet(pairs.map { (name: Array($0.utf8), value: Array($1.utf8)) }), [(1, 1)])
    }
    try await withTemporaryDirectory { directory in
      try makeBlock(at: "\(directory)/\(id)", id: id, series)
      let index = try BlockReader(directory: "\(directory)/\(id)").index
      let fixture = RemoteFixture(try RemoteBucket(directory: directory))
      let table = try await fixture.headers.header(of: id).get().postingsOffsets
      for name in try index.labelNames() {
        for value in try index.labelValues(of: name) {
          let range = try #require(try table.listRange(name: name, value: value))
          let part = try #require(index.file.slice(range.lowerBound..<range.upperBound + 4))
          let list = try FetchedPostings(part, hasChecksum: true, fileOffset: range.lowerBound)
          #expect(try list.ids == index.postings(name: name, value: value))
          for other in [value + [0], Array(value.dropLast()) + [0xFF], []] {
            let isValue = try index.labelValues(of: name).contains(other)
            #expect(try (table.listRange(name: name, value: other) != nil) == isValue)
          }
        }
      }
    }
  }
}
