internal import RemoteBlocks
internal import TSDBBlock

/// A verified chunk and the memory it stands in.
struct LocatedChunk {
  var encoding: ChunkEncoding
  var storage: ByteStorage
  /// Its data in the storage, without the encoding byte.
  var range: Range<Int>
}

/// Where the chunks of a block come from.
enum SegmentSource: Sendable {
  /// Whole files, mapped.
  case mapped(ChunkReader)
  /// Parts of them, in the order of the segments.
  case fetched([SegmentParts])

  /// Finds a chunk and compares its checksum.
  ///
  /// - Complexity: O(bytes of the chunk).
  func record(at location: ChunkLocation) throws(BlockError) -> LocatedChunk {
    switch self {
    case .mapped(let reader):
      let segment = try reader.segment(of: location)
      let record = try segment.record(at: location.offset)
      let start = segment.file.range.lowerBound + record.payload.lowerBound
      return LocatedChunk(
        encoding: ChunkEncoding(rawValue: record.encoding), storage: segment.file.storage,
        range: start..<start + record.payload.count)
    case .fetched(let segments):
      let (record, part) = try segments.segment(of: location).record(at: location.offset)
      let start = part.slice.range.lowerBound + record.payload.lowerBound
      return LocatedChunk(
        encoding: ChunkEncoding(rawValue: record.encoding), storage: part.slice.storage,
        range: start..<start + record.payload.count)
    }
  }
}
