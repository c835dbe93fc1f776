import Testing

@testable import TSDBBlock

@Suite struct TombstonesTests {
  @Test func `an empty file has nine bytes`() throws {
    let bytes = Tombstones().encoded()
    #expect(bytes == [0x01, 0x30, 0xBA, 0x30, 0x01, 0, 0, 0, 0])
    #expect(try Tombstones(bytes.rawSpan).isEmpty)
  }

  @Test func `intervals that overlap or touch are merged`() throws {
    var stones = Tombstones()
    stones.delete(10...20, ofSeries: 7)
    stones.delete(21...30, ofSeries: 7)
    stones.delete(40...50, ofSeries: 7)
    stones.delete(Int64.min...Int64.min, ofSeries: 9)
    stones.delete(5...Int64.max, ofSeries: 9)
    stones.delete(100...200, ofSeries: 9)
    let read = try Tombstones(stones.encoded().rawSpan)
    #expect(read == stones)
    #expect(read.intervals(ofSeries: 7) == [10...30, 40...50])
    #expect(read.intervals(ofSeries: 9) == [Int64.min...Int64.min, 5...Int64.max])
    #expect(read.intervals(ofSeries: 8) == [])
    #expect(read.count == 4)
  }
}
