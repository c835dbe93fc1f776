internal import StoreAPI
internal import TSDBBlock

/// Decides which series of a query belong to one of several shards, so that queriers can divide an
/// aggregation among themselves.
///
/// The hash is XXH64 over `name 0xFF value 0xFF` of the labels that count, in label order.
struct ShardSelector: Sendable {
  private let index: UInt64
  private let total: UInt64
  private let isByLabels: Bool
  private let names: Set<[UInt8]>

  /// Nil when the request is not sharded.
  init?(_ shard: Thanos_ShardInfo) {
    guard shard.totalShards >= 1 else { return nil }
    index = UInt64(bitPattern: shard.shardIndex)
    total = UInt64(shard.totalShards)
    isByLabels = shard.by
    names = Set(shard.labels.map { Array($0.utf8) })
  }

  /// Whether a series with these labels, in wire form, belongs to the shard.
  func contains(_ wireLabels: RawSpan) -> Bool {
    var hash = XXHash64()
    var reader = WireLabels.Reader(wireLabels)
    while let label = reader.next() {
      let name = wireLabels.extracting(label.name)
      guard names.contains([UInt8](name)) == isByLabels else { continue }
      hash.update(name)
      hash.update([0xFF])
      hash.update(wireLabels.extracting(label.value))
      hash.update([0xFF])
    }
    return hash.value % total == index
  }
}
