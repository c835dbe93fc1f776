internal import StoreAPI
internal import TSDBBlock

/// Turns chunk references into payloads that point into mapped or fetched segments: checks the
/// checksum, takes a downsampled chunk apart, hashes. Copies nothing, but for chunks that must be
/// written anew: those with deleted samples, and encodings that queriers do not know.
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

  /// Loads the chunks of all series of a window; damaged ones are noted and left out.
  ///
  /// - Parameters:
  ///   - filter: A chunk that has lost samples may lie outside its times.
  ///   - charges: Pay for chunks that are written anew.
  func load(
    _ decoded: inout DecodedWindow, from segments: SegmentSource, of block: BlockID,
    filter: SeriesFilter, charges: BlockCharges
  ) throws(ReadFailure) {
    var rewriter = ChunkRewriter()
    for series in 0..<decoded.window.count {
      let deleted = decoded.deletions.isEmpty ? [] : decoded.deletions[series] ?? []
      for index in decoded.window.spanRange(at: series) {
        let span = decoded.window.spans[index]
        let before = decoded.window.chunks.count
        let missing: ChunkField?
        do throws(BlockError) {
          let record = try segments.record(at: span.location)
          missing =
            deleted.isEmpty
            ? try append(span, record, &rewriter, to: &decoded.window)
            : try append(
              span, record, without: deleted, filter, &rewriter, to: &decoded.window)
        } catch {
          decoded.window.truncateChunks(to: before)
          let cause = error
          try ReadFailure.ending { () throws(QueryError) in
            try decoded.damage.note(cause, in: block)
          }
          continue
        }
        if let missing {
          throw .ends(.missingAggregate(block: block, name: "\(missing)"))
        }
      }
      decoded.window.endChunks()
      let written = rewriter.takeByteCount()
      if written > 0 {
        try ReadFailure.ending { () throws(QueryError) in try charges.hold(written) }
      }
    }
  }

  /// - Returns: An aggregate that was asked for and is absent.
  private func append(
    _ span: ChunkSpan, _ record: LocatedChunk, _ rewriter: inout ChunkRewriter,
    to window: inout SeriesWindow
  ) throws(BlockError) -> ChunkField? {
    guard record.encoding != .aggregate else {
      let parts = try split(record, at: span.location)
      if let missing = missing(in: parts) { return missing }
      window.appendChunk(minTime: span.minTime, maxTime: span.maxTime)
      for part in parts {
        let type = try Self.wireType(of: part.encoding, at: span.location)
        append(part, type, in: record.storage, to: &window)
      }
      return nil
    }
    var part = Part(field: .raw, encoding: record.encoding, range: record.range)
    var storage = record.storage
    if record.encoding != record.encoding.withoutStartTimestamps {
      let plain = try rewriter.plain(record, at: span.location)
      part = Part(field: .raw, encoding: plain.encoding, range: 0..<plain.storage.count)
      storage = plain.storage
    }
    let type = try Self.wireType(of: part.encoding, at: span.location)
    window.appendChunk(minTime: span.minTime, maxTime: span.maxTime)
    append(part, type, in: storage, to: &window)
    return nil
  }

  /// As above for a series with deleted times.
  private func append(
    _ span: ChunkSpan, _ record: LocatedChunk, without deleted: [ClosedRange<Int64>],
    _ filter: SeriesFilter, _ rewriter: inout ChunkRewriter, to window: inout SeriesWindow
  ) throws(BlockError) -> ChunkField? {
    guard deleted.contains(where: { $0.overlaps(span.minTime...max(span.minTime, span.maxTime)) })
    else { return try append(span, record, &rewriter, to: &window) }
    var parts: [Part]
    if record.encoding == .aggregate {
      parts = try split(record, at: span.location)
      if let missing = missing(in: parts) { return missing }
    } else {
      parts = [Part(field: .raw, encoding: record.encoding, range: record.range)]
    }
    var left = span
    var rewritten: [(Part, ByteStorage)] = []
    for part in parts {
      guard
        let kept = try rewriter.removing(
          deleted, from: record.storage, part.range, encoding: part.encoding, at: span.location)
      else { continue }
      left.minTime = kept.times.lowerBound
      left.maxTime = kept.times.upperBound
      let range = 0..<kept.storage.count
      rewritten.append(
        (Part(field: part.field, encoding: kept.encoding, range: range), kept.storage))
    }
    guard !rewritten.isEmpty, filter.wants(left) else { return nil }
    window.appendChunk(minTime: left.minTime, maxTime: left.maxTime)
    for (part, storage) in rewritten {
      let type = try Self.wireType(of: part.encoding, at: span.location)
      append(part, type, in: storage, to: &window)
    }
    return nil
  }

  private func append(
    _ part: Part, _ type: UInt8, in storage: ByteStorage, to window: inout SeriesWindow
  ) {
    window.appendPayload(
      ChunkPayload(
        field: part.field, type: type, owner: window.owner(storage),
        offset: part.range.lowerBound, byteCount: part.range.count,
        hash: XXHash64.hash(storage.bytes.extracting(part.range))))
  }

  // MARK: Aggregates

  private struct Part {
    var field: ChunkField
    var encoding: ChunkEncoding
    /// In the storage of the data.
    var range: Range<Int>
  }

  private func missing(in parts: [Part]) -> ChunkField? {
    guard parts.count < aggregates.count else { return nil }
    return aggregates.first { asked in !parts.contains { $0.field == asked.field } }?.field
  }

  /// The aggregates asked for, as far as the chunk has them.
  private func split(
    _ record: LocatedChunk, at location: ChunkLocation
  ) throws(BlockError) -> [Part] {
    let chunk: AggregateChunk
    do {
      let storage = record.storage
      chunk = try AggregateChunk(storage.bytes.extracting(record.range))
    } catch {
      throw BlockError(
        .malformed, section: "aggregate chunk in segment \(location.segment)",
        offset: location.offset, detail: "its parts do not fit into it")
    }
    var parts: [Part] = []
    for (field, kind) in aggregates {
      guard let part = chunk[kind] else { continue }
      let start = record.range.lowerBound + part.range.lowerBound
      parts.append(
        Part(field: field, encoding: part.encoding, range: start..<start + part.range.count))
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
