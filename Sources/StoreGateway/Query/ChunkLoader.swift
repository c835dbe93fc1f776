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
  func load(
    _ span: ChunkSpan, of block: LoadedBlock, into collector: inout ChunkCollector,
    owners batch: inout SeriesBatch, damage: inout DamageLog
  ) throws(QueryError) {
    let data: ChunkData
    var parts: [Part] = []
    do throws(BlockError) {
      data = try block.chunk(at: span.location)
      if data.encoding == .aggregate {
        parts = try split(data, at: span.location)
      } else {
        let type = try Self.wireType(of: data.encoding, at: span.location)
        parts = [Part(field: .raw, type: type, range: data.range)]
      }
    } catch {
      return try damage.note(error, in: block.id)
    }
    if data.encoding == .aggregate, parts.count < aggregates.count {
      let found = parts.map(\.field)
      let missing = aggregates.first { !found.contains($0.field) }
      throw .missingAggregate(block: block.id, name: missing.map { "\($0.field)" } ?? "")
    }
    let owner = batch.owner(data.storage)
    collector.beginChunk(minTime: span.minTime, maxTime: span.maxTime)
    for part in parts {
      let hash = XXHash64.hash(data.storage.bytes.extracting(part.range))
      collector.append(
        ChunkPayload(
          field: part.field, type: part.type, owner: owner, offset: part.range.lowerBound,
          byteCount: part.range.count, hash: hash))
    }
  }

  /// The aggregates asked for, as far as the chunk has them.
  private func split(
    _ data: ChunkData, at location: ChunkLocation
  ) throws(BlockError) -> [Part] {
    let chunk: AggregateChunk
    do {
      chunk = try AggregateChunk(data.storage.bytes.extracting(data.range))
    } catch {
      throw BlockError(
        .malformed, section: "aggregate chunk in segment \(location.segment)",
        offset: location.offset, detail: "its parts do not fit into it")
    }
    var parts: [Part] = []
    for (field, kind) in aggregates {
      guard let part = chunk[kind] else { continue }
      let start = data.range.lowerBound + part.range.lowerBound
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
