import RemoteBlocks
import TSDBBlock
import Testing

/// Every series decodes from its part as it does from the mapped index.
func expectSeries(_ ids: [UInt32], in parts: [FetchedPart], of index: IndexReader) throws {
  for id in ids {
    let offset = index.seriesOffset(id)
    var expected: (labels: [LabelReference], chunks: [ChunkSpan]) = ([], [])
    try index.appendSeries(id, labels: &expected.labels, chunks: &expected.chunks)
    let part = parts[try #require(parts.place(holding: offset))]
    var found: (labels: [LabelReference], chunks: [ChunkSpan]) = ([], [])
    let slice = part.slice
    try SeriesEntry.append(
      from: slice.bytes, at: offset - part.fileOffset, fileOffset: part.fileOffset,
      labels: &found.labels, chunks: &found.chunks)
    #expect(found.labels == expected.labels)
    #expect(found.chunks == expected.chunks)
  }
}

/// Every chunk is found with the bytes it has in its mapped segment.
func expectChunks(
  _ locations: [ChunkLocation], in segments: [SegmentParts], of chunks: ChunkReader
) throws {
  for location in locations {
    let expected = try chunks.record(at: location)
    let mapped = try chunks.segment(of: location).file
    let (record, part) = try segments.segment(of: location).record(at: location.offset)
    #expect(record.encoding == expected.encoding)
    #expect(record.checksum == expected.checksum)
    let payload = try #require(part.slice.slice(record.payload))
    let same = try #require(mapped.slice(expected.payload))
    let isSame = ByteOrder.equal(payload.bytes, same.bytes)
    #expect(isSame)
  }
}

/// The ids of a selection whose remaining conditions were tested on the mapped index.
func tested(_ selection: PostingsSelection, _ index: IndexReader) throws -> [UInt32] {
  guard !selection.remaining.isEmpty else { return selection.ids }
  return try selection.ids.filter { id in
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    try index.appendSeries(id, labels: &labels, chunks: &chunks)
    let set = try index.labels(labels)
    return selection.remaining.allSatisfy { $0.matches(set.value(of: $0.name) ?? []) }
  }
}
