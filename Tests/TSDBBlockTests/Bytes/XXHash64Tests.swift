import TSDBBlock
import TestSupport
import Testing

@Suite struct XXHash64Tests {
  /// `name 0xff value 0xff …`, the bytes that sharding hashes.
  static func shardBytes(_ words: [String]) -> [UInt8] {
    words.flatMap { Array($0.utf8) + [0xFF] }
  }

  @Test func `hashes agree with published values`() {
    #expect(XXHash64.hash([]) == 17_241_709_254_077_376_921)
    let all = Self.shardBytes(["container", "nginx", "node", "node-1", "pod", "nginx"])
    #expect(XXHash64.hash(all) == 7_268_187_997_799_345_588)
    let two = Self.shardBytes(["node", "node-1", "pod", "nginx"])
    #expect(XXHash64.hash(two) == 16_646_913_194_661_497_883)
    let other = Self.shardBytes(["container", "nginx", "pod", "nginx"])
    #expect(XXHash64.hash(other) == 13_530_338_726_863_438_044)
  }

  @Test func `parts hash like the whole, wherever it is cut`() {
    let bytes = (0..<101).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    for length in 0...bytes.count {
      let whole = XXHash64.hash(Array(bytes[..<length]))
      for cut in 0...length {
        var hash = XXHash64()
        hash.update(Array(bytes[..<cut]))
        hash.update(Array(bytes[cut..<length]))
        #expect(hash.value == whole)
      }
    }
  }
}
