internal import StoreAPI
internal import TSDBBlock

/// Turns chunk references into payloads that point into mapped segments: checks the checksum,
/// takes a downsampled chunk apart, hashes. Copies nothing.
struct ChunkLoader: Sendable {
  /// Aggregates asked for, in the order of their fields.
  private let aggregates: [(field: ChunkField, kind: AggregateChunk.Kind)]

  private static let known: [(Thanos_Aggr, ChunkField, AggregateChunk.Kind)] = [
    (.count, .count, .count), (.sum, .sum, .sum), (.min, .min, .min), (.max, .max, .max),
    (.counter, .counter, .counter),
  ]

  /// Raw and unknown aggregates ask for nothing: raw chunks are always sent.
  init(_ asked: [Thanos_Aggr]) {
    aggregates = Self.known.filter { asked.contains($0.0) }.map { ($0.1, $0.2) }
  }

  private struct Part {
    var field: ChunkField
    var type: UInt8
    /// In the storage of the data.
    var range: Range<Int>
  }

  /// Adds the chunk at `span` of `block` to `collector`; a damaged one is noted and left out.
  ///
  /// - Parameter segments: those of the block, which the caller keeps at hand.
  func load(
    _ span: ChunkSpan, of block: LoadedBlock, in segments: ChunkReader,
    into collector: inout ChunkCollector, owners batch: inout SeriesBatch,
    damage: inout DamageLog
  ) throws(QueryError) {
    let missing: ChunkField?
    do {
      missing = try append(span, of: segments, to: &collector, owners: &batch)
    } catch {
      return try damage.note(error, in: block.id)
    }
    if let missing { throw .missingAggregate(block: block.id, name: "\(missing)") }
  }

  /// - Returns: An aggregate that was asked for and is absent. Nothing was added then.
  private func append(
    _ span: ChunkSpan, of segments: ChunkReader, to collector: inout ChunkCollector,
    owners batch: inout SeriesBatch
  ) throws(BlockError) -> ChunkField? {
    let segment = try segments.segment(of: span.location)
    let record = try segment.record(at: span.location.offset)
    let storage = segment.file.storage
    let start = segment.file.range.lowerBound + record.payload.lowerBound
    let data = start..<start + record.payload.count
    let encoding = ChunkEncoding(rawValue: record.encoding)
    guard encoding == .aggregate else {
      let type = try Self.wireType(of: encoding, at: span.location)
      collector.beginChunk(minTime: span.minTime, maxTime: span.maxTime)
      let part = Part(field: .raw, type: type, range: data)
      append(part, storage, batch.owner(storage), to: &collector)
      return nil
    }
    let parts = try split(storage, data, at: span.location)
    if parts.count < aggregates.count {
      return aggregates.first { asked in !parts.contains { $0.field == asked.field } }?.field
    }
    collector.beginChunk(minTime: span.minTime, maxTime: span.maxTime)
    for part in parts { append(part, storage, batch.owner(storage), to: &collector) }
    return nil
  }

  private func append(
    _ part: Part, _ storage: ByteStorage, _ owner: Int32, to collector: inout ChunkCollector
  ) {
    collector.append(
      ChunkPayload(
        field: part.field, type: part.type, owner: owner, offset: part.range.lowerBound,
        byteCount: part.range.count,
        hash: XXHash64.hash(storage.bytes.extracting(part.range))))
  }

  /// The aggregates asked for, as far as the chunk has them.
  private func split(
    _ storage: ByteStorage, _ data: Range<Int>, at location: ChunkLocation
  ) throws(BlockError) -> [Part] {
    let chunk: AggregateChunk
    do {
      chunk = try AggregateChunk(storage.bytes.extracting(data))
    } catch {
      throw BlockError(
        .malformed, section: "aggregate chunk in segment \(location.segment)",
        offset: location.offset, detail: "its parts do not fit into it")
    }
    var parts: [Part] = []
    for (field, kind) in aggregates {
      guard let part = chunk[kind] else { continue }
      let start = data.lowerBound + part.range.lowerBound
      parts.append(
        Part(
          field: field, type: try Self.wireType(of: part.encoding, at: location),
          range: start..<start + part.range.count))
    }
    return parts
  }

  /// The value of `Chunk.Encoding` in the StoreAPI.
  private static func wireType(
    of encoding: ChunkEncoding, at location: ChunkLocation
  ) throws(BlockError) -> UInt8 {
    switch encoding {
    case .xor: 0
    case .histogram: 1
    case .floatHistogram: 2
    default:
      throw BlockError(
        .unsupportedEncoding, section: "chunk in segment \(location.segment)",
        offset: location.offset, detail: "queriers know no chunk encoding \(encoding)")
    }
  }
}
