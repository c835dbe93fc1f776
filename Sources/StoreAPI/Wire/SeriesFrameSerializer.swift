public import GRPCCore
internal import TSDBBlock

/// Encodes `SeriesResponse` messages: one pass for sizes, one that fills the frame.
///
///     SeriesResponse  series 1 │ warning 2 │ hints 3 │ batch 4
///     SeriesBatch     series 1, repeated
///     Series          labels 1, repeated │ chunks 2, repeated
///     AggrChunk       min_time 1 │ max_time 2 │ raw 3 │ count 4 │ sum 5 │ min 6 │ max 7 │ counter 8
///     Chunk           type 1 │ data 2 │ hash 3
///
/// Filling the frame is the only time that labels and samples are copied on our side.
public struct SeriesFrameSerializer: MessageSerializer {
  public init() {}

  public func serialize<Bytes: GRPCContiguousBytes>(_ frame: SeriesFrame) throws -> Bytes {
    switch frame {
    case .series(let batch, let index):
      let sizes = SeriesSizes(batch, index..<index + 1)
      return ProtobufWriter.make(sizes.total) { Self.write(batch, sizes, field: 1, to: &$0) }
    case .batch(let batch):
      let sizes = SeriesSizes(batch, 0..<batch.count)
      return ProtobufWriter.make(ProtobufSize.delimited(sizes.total)) { writer in
        writer.header(field: 4, length: sizes.total)
        Self.write(batch, sizes, field: 1, to: &writer)
      }
    case .warning(let text):
      return single(field: 2, Array(text.utf8))
    case .hints(let any):
      return single(field: 3, any)
    }
  }

  private func single<Bytes: GRPCContiguousBytes>(field: UInt8, _ content: [UInt8]) -> Bytes {
    ProtobufWriter.make(ProtobufSize.delimited(content.count)) { writer in
      writer.header(field: field, length: content.count)
      writer.bytes(content.rawSpan)
    }
  }

  private static func write(
    _ batch: SeriesBatch, _ sizes: SeriesSizes, field: UInt8, to writer: inout ProtobufWriter
  ) {
    for (index, size) in zip(sizes.range, sizes.series) {
      writer.header(field: field, length: size)
      writer.bytes(batch.labels.rawSpan.extracting(batch.labelRange(at: index)))
      for chunk in batch.chunkRange(at: index) { write(chunk: chunk, of: batch, to: &writer) }
    }
  }

  private static func write(
    chunk index: Int, of batch: SeriesBatch, to writer: inout ProtobufWriter
  ) {
    let chunk = batch.chunks[index]
    writer.header(field: 2, length: SeriesSizes.chunk(index, of: batch))
    writer.integer(field: 1, UInt64(bitPattern: chunk.minTime))
    writer.integer(field: 2, UInt64(bitPattern: chunk.maxTime))
    for position in batch.payloadRange(at: index) {
      let payload = batch.payloads[position]
      writer.header(field: payload.field.rawValue, length: SeriesSizes.payload(payload))
      writer.integer(field: 1, UInt64(payload.type))
      if payload.byteCount > 0 {
        writer.header(field: 2, length: payload.byteCount)
        let owner = batch.owners[Int(payload.owner)]
        let range = payload.offset..<payload.offset &+ payload.byteCount
        writer.bytes(owner.bytes.extracting(range))
      }
      writer.integer(field: 3, payload.hash)
    }
  }
}

/// The sizes of some series of a batch.
private struct SeriesSizes {
  let range: Range<Int>
  /// Content of each `Series` message.
  private(set) var series: [Int] = []
  /// All of them with their tags and lengths.
  private(set) var total = 0

  init(_ batch: SeriesBatch, _ range: Range<Int>) {
    self.range = range
    series.reserveCapacity(range.count)
    for index in range {
      var size = batch.labelRange(at: index).count
      for chunk in batch.chunkRange(at: index) {
        size &+= ProtobufSize.delimited(Self.chunk(chunk, of: batch))
      }
      series.append(size)
      total &+= ProtobufSize.delimited(size)
    }
  }

  static func chunk(_ index: Int, of batch: SeriesBatch) -> Int {
    let chunk = batch.chunks[index]
    var size =
      ProtobufSize.integer(UInt64(bitPattern: chunk.minTime))
      &+ ProtobufSize.integer(UInt64(bitPattern: chunk.maxTime))
    for position in batch.payloadRange(at: index) {
      size &+= ProtobufSize.delimited(payload(batch.payloads[position]))
    }
    return size
  }

  static func payload(_ payload: ChunkPayload) -> Int {
    let data = payload.byteCount == 0 ? 0 : ProtobufSize.delimited(payload.byteCount)
    return ProtobufSize.integer(UInt64(payload.type)) &+ data &+ ProtobufSize.integer(payload.hash)
  }
}
