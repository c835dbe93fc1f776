import StoreAPI
import SwiftProtobuf
import TSDBBlock
import Testing

@testable import StoreGateway

@Suite struct ShardSelectorTests {
  static let labels = WireLabels.encode(
    [("container", "nginx"), ("node", "node-1"), ("pod", "nginx")].map {
      (Array($0.0.utf8), Array($0.1.utf8))
    })

  static func shard(by: Bool, _ names: [String], of total: Int64 = 2) -> [Int64] {
    (0..<total).filter { index in
      let info = Thanos_ShardInfo.with {
        $0.shardIndex = index
        $0.totalShards = total
        $0.by = by
        $0.labels = names
      }
      return ShardSelector(info)?.contains(labels.rawSpan) == true
    }
  }

  @Test func `series go to the shard that the reference puts them in`() {
    #expect(Self.shard(by: false, []) == [0])
    #expect(Self.shard(by: true, ["node", "pod"]) == [1])
    #expect(Self.shard(by: false, ["container"]) == [1])
    #expect(Self.shard(by: true, ["container", "pod"]) == [0])
    #expect(Self.shard(by: true, []) == [1])
  }

  @Test func `every series is in exactly one shard`() {
    for total in Int64(1)...7 { #expect(Self.shard(by: false, [], of: total).count == 1) }
  }

  @Test func `a request without shards is not sharded`() {
    let isSharded = ShardSelector(Thanos_ShardInfo()) != nil
    #expect(!isSharded)
  }
}
