internal import TSDBBlock

/// A chunk's data where it lies: in a mapped segment.
struct ChunkRecord: Sendable {
  let storage: ByteStorage
  let encoding: ChunkEncoding
  /// The samples, without encoding and checksum, which was right.
  let range: Range<Int>
}

/// A block that is served.
final class LoadedBlock: Sendable {
  let id: BlockID
  let extent: BlockExtent
  /// Sorted by name.
  let externalLabels: [(name: [UInt8], value: [UInt8])]
  let index: IndexReader
  /// Names of labels inside the block, without external ones.
  let labelNames: [[UInt8]]

  init(_ meta: BlockMeta, path: String) throws(BlockError) {
    id = meta.id
    extent = BlockExtent(minTime: meta.minTime, maxTime: meta.maxTime, resolution: meta.resolution)
    externalLabels = meta.externalLabels
    index = try IndexReader(ByteSlice(ByteStorage(mapping: path + "/index")), path: path + "/index")
    labelNames = try index.labelNames()
  }

  func hasLabel(namedIn names: Set<[UInt8]>) -> Bool {
    labelNames.contains { names.contains($0) }
  }

  func labelValues(of name: [UInt8]) throws(BlockError) -> [[UInt8]] {
    try index.labelValues(of: name)
  }

  func symbol(_ reference: UInt32) throws(BlockError) -> [UInt8] {
    try index.symbols.bytes(of: reference)
  }

  func chunk(at location: ChunkLocation) throws(BlockError) -> ChunkRecord {
    throw BlockError(.missing)
  }
}
