import StoreAPI
import TSDBBlock
import Testing

@testable import StoreGateway

@Suite struct ChunkCollectorTests {
  typealias Part = (ChunkField, UInt8, [UInt8])

  /// What `finish` makes of `chunks`: one text per chunk, `start…end field:type:bytes …`.
  static func collected(_ chunks: [(Int64, Int64, [Part])]) -> [String] {
    var batch = SeriesBatch()
    batch.appendSeries(labels: [UInt8]().rawSpan)
    var collector = ChunkCollector()
    for (minTime, maxTime, parts) in chunks {
      collector.beginChunk(minTime: minTime, maxTime: maxTime)
      for (field, type, bytes) in parts {
        collector.append(
          ChunkPayload(
            field: field, type: type, owner: batch.owner(ByteStorage(bytes)), offset: 0,
            byteCount: bytes.count, hash: XXHash64.hash(bytes)))
      }
    }
    collector.finish(into: &batch)
    return batch.chunks.indices.map { index in
      let parts = batch.payloadRange(at: index).map { position in
        let payload = batch.payloads[position]
        let storage = batch.owners[Int(payload.owner)]
        let bytes = [UInt8](storage.bytes)
        return " \(payload.field):\(payload.type):\(bytes)"
      }
      return "\(batch.chunks[index].minTime)…\(batch.chunks[index].maxTime)\(parts.joined())"
    }
  }

  @Test func `chunks come in the order of their times`() {
    #expect(
      Self.collected([(5, 9, [(.raw, 0, [1])]), (1, 4, [(.raw, 0, [2])]), (1, 3, [])])
        == ["1…3", "1…4 raw:0:[2]", "5…9 raw:0:[1]"])
  }

  @Test func `equal chunks of two blocks are sent once`() {
    #expect(
      Self.collected([(1, 4, [(.raw, 0, [2])]), (5, 6, []), (1, 4, [(.raw, 0, [2])])])
        == ["1…4 raw:0:[2]", "5…6"])
  }

  @Test func `a chunk that differs in one aggregate is not a copy`() {
    let one: [Part] = [(.count, 0, [1]), (.sum, 0, [1])]
    let other: [Part] = [(.count, 0, [1]), (.sum, 0, [2])]
    #expect(
      Self.collected([(1, 4, one), (1, 4, other)])
        == ["1…4 count:0:[1] sum:0:[2]", "1…4 count:0:[1] sum:0:[1]"])
  }

  @Test func `of equal times the lower type and then the greater bytes come first`() {
    #expect(
      Self.collected([
        (1, 4, [(.raw, 1, [9])]), (1, 4, [(.raw, 0, [1])]), (1, 4, [(.raw, 0, [1, 0])]),
      ])
        == ["1…4 raw:0:[1, 0]", "1…4 raw:0:[1]", "1…4 raw:1:[9]"])
  }

  @Test func `a present payload comes before an absent one`() {
    #expect(
      Self.collected([(1, 4, []), (1, 4, [(.sum, 0, [1])]), (1, 4, [(.count, 0, [0])])])
        == ["1…4 count:0:[0]", "1…4 sum:0:[1]", "1…4"])
  }
}
