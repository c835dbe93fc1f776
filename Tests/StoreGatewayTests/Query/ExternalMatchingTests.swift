import TSDBBlock
import Testing

@testable import StoreGateway

@Suite struct ExternalMatchingTests {
  static let labels: [(name: [UInt8], value: [UInt8])] = [
    (Array("a".utf8), Array("b".utf8)), (Array("c".utf8), Array("d".utf8)),
  ]

  static func remaining(_ matchers: [LabelMatcher]) -> [String]? {
    ExternalMatching.remaining(matchers, after: labels)?.map(\.description)
  }

  @Test func `matchers on external labels are decided and the others stay`() throws {
    #expect(Self.remaining([]) == [])
    #expect(
      try Self.remaining([LabelMatcher(.equal, "a", "b"), LabelMatcher(.equal, "c", "d")]) == [])
    #expect(
      try Self.remaining([LabelMatcher(.equal, "a", "b"), LabelMatcher(.equal, "e", "f")])
        == ["e=\"f\""])
    #expect(try Self.remaining([LabelMatcher(.regex, "a", ".*")]) == [])
    #expect(try Self.remaining([LabelMatcher(.notEqual, "a2", "a")]) == ["a2!=\"a\""])
    #expect(try Self.remaining([LabelMatcher(.notEqual, "a", "a")]) == [])
  }

  @Test func `one mismatch rules the block out`() throws {
    #expect(
      try Self.remaining([LabelMatcher(.equal, "a", "b"), LabelMatcher(.equal, "c", "b")]) == nil)
    #expect(try Self.remaining([LabelMatcher(.notEqual, "a", "b")]) == nil)
  }

  @Test func `no series has a label with an empty name`() throws {
    #expect(try Self.remaining([LabelMatcher(.equal, "", "")]) == [])
    #expect(try Self.remaining([LabelMatcher(.notEqual, "", "")]) == nil)
  }

  @Test func `hints see external labels and the identity of the block`() throws {
    let id = try #require(BlockID("01HRDP16Z083XE8PC9G2SA0DAX"))
    func accepts(_ matchers: LabelMatcher...) -> Bool {
      ExternalMatching.accepts(matchers, labels: Self.labels, id: id)
    }
    #expect(try accepts(LabelMatcher(.regex, "__block_id", "01HRDP.*")))
    #expect(try !accepts(LabelMatcher(.equal, "__block_id", "01HRDP16Z0YZZVRR5176H6XT19")))
    #expect(try accepts(LabelMatcher(.equal, "a", "b"), LabelMatcher(.equal, "x", "")))
    #expect(try !accepts(LabelMatcher(.equal, "a", "b"), LabelMatcher(.equal, "x", "y")))
  }
}
