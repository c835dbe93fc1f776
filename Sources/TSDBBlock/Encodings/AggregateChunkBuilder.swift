/// Puts up to five chunks together as an ``AggregateChunk``.
struct AggregateChunkBuilder {
  private var parts: [(encoding: ChunkEncoding, payload: [UInt8])?] = Array(
    repeating: nil, count: AggregateChunk.Kind.allCases.count)

  subscript(kind: AggregateChunk.Kind) -> (encoding: ChunkEncoding, payload: [UInt8])? {
    get { parts[kind.rawValue] }
    set { parts[kind.rawValue] = newValue }
  }

  /// The data of the chunk.
  ///
  /// Thanos refuses a chunk whose counter is absent, since nothing follows its length; an absent
  /// one is therefore written as an XOR chunk without samples.
  func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    for kind in AggregateChunk.Kind.allCases {
      guard let part = self[kind] ?? (kind == .counter ? (.xor, [0, 0]) : nil) else {
        bytes.append(0)
        continue
      }
      bytes.append(uvarint: UInt64(part.payload.count))
      bytes.append(part.encoding.rawValue)
      bytes += part.payload
    }
    return bytes
  }
}
