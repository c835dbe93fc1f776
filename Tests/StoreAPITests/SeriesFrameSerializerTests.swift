import FoundationEssentials
import StoreAPI
import SwiftProtobuf
import TSDBBlock
import TestSupport
import Testing

@Suite struct SeriesFrameSerializerTests {
  typealias Labels = [(name: [UInt8], value: [UInt8])]

  static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  static func encode(_ frame: SeriesFrame) throws -> Thanos_SeriesResponse {
    let encoded: [UInt8] = try SeriesFrameSerializer().serialize(frame)
    return try Thanos_SeriesResponse(serializedBytes: encoded)
  }

  static func sample() -> SeriesBatch {
    var batch = SeriesBatch()
    let segment = ByteStorage(Array(0..<200))
    let other = ByteStorage(Array(repeating: 7, count: 20000))
    batch.appendSeries(
      labels: WireLabels.encode([
        (bytes("__name__"), bytes("up")), (bytes("job"), bytes("é\u{301}")),
      ]).rawSpan)
    batch.appendChunk(minTime: -5, maxTime: 0)
    batch.appendPayload(
      ChunkPayload(
        field: .raw, type: 0, owner: batch.owner(segment), offset: 10, byteCount: 4, hash: .max))
    batch.appendChunk(minTime: 1, maxTime: 1_700_000_000_000)
    batch.appendPayload(
      ChunkPayload(
        field: .count, type: 0, owner: batch.owner(other), offset: 0, byteCount: 20000, hash: 1))
    batch.appendPayload(
      ChunkPayload(
        field: .counter, type: 2, owner: batch.owner(segment), offset: 200, byteCount: 0, hash: 0))
    batch.appendSeries(labels: WireLabels.encode([]).rawSpan)
    batch.appendChunk(minTime: 3, maxTime: 4)
    return batch
  }

  static func expected() -> [Thanos_Series] {
    let first = Thanos_Series.with {
      $0.labels = [
        .with {
          $0.name = "__name__"
          $0.value = "up"
        },
        .with {
          $0.name = "job"
          $0.value = "é\u{301}"
        },
      ]
      $0.chunks = [
        .with {
          $0.minTime = -5
          $0.raw = .with {
            $0.data = .init([10, 11, 12, 13])
            $0.hash = .max
          }
        },
        .with {
          $0.minTime = 1
          $0.maxTime = 1_700_000_000_000
          $0.count = .with {
            $0.data = .init(repeating: 7, count: 20000)
            $0.hash = 1
          }
          $0.counter = .with { $0.type = .floatHistogram }
        },
      ]
    }
    let second = Thanos_Series.with {
      $0.chunks = [
        .with {
          $0.minTime = 3
          $0.maxTime = 4
        }
      ]
    }
    return [first, second]
  }

  @Test func `a batch decodes to the series that were put in`() throws {
    let response = try Self.encode(.batch(Self.sample()))
    #expect(response.batch.series == Self.expected())
    #expect(response.result != nil)
  }

  @Test func `a single series decodes alone, as the bytes that the generated code writes`() throws {
    for (index, series) in Self.expected().enumerated() {
      let encoded: [UInt8] = try SeriesFrameSerializer().serialize(
        .series(Self.sample(), at: index))
      let expected = Thanos_SeriesResponse.with { $0.series = series }
      #expect(try Thanos_SeriesResponse(serializedBytes: encoded) == expected)
      let generated: [UInt8] = try expected.serializedBytes()
      #expect(encoded == generated)
    }
  }

  @Test func `an empty batch is still a batch message`() throws {
    #expect(try Self.encode(.batch(SeriesBatch())) == .with { $0.batch = .init() })
  }

  @Test func `warnings and hints decode to what was put in`() throws {
    let text = String(repeating: "schön ", count: 40)
    #expect(try Self.encode(.warning(text)).warning == text)
    #expect(try Self.encode(.warning("")).result == .warning(""))
    let any = try Google_Protobuf_Any(message: Hintspb_SeriesResponseHints())
    let hints = try Self.encode(.hints(any.serializedBytes())).hints
    #expect(hints.typeURL == "type.googleapis.com/hintspb.SeriesResponseHints")
    #expect(hints.isA(Hintspb_SeriesResponseHints.self))
  }

  @Test func `random batches decode to what the generated types hold`() throws {
    var random = SeededRandom(seed: 4)
    for _ in 0..<50 {
      var batch = SeriesBatch()
      var expected: [Thanos_Series] = []
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        expected.append(Self.appendRandomSeries(to: &batch, using: &random))
      }
      #expect(try Self.encode(.batch(batch)).batch.series == expected)
    }
  }

  private static func appendRandomSeries(
    to batch: inout SeriesBatch, using random: inout SeededRandom
  ) -> Thanos_Series {
    var series = Thanos_Series()
    let value = String(repeating: "v", count: Int.random(in: 1...300, using: &random))
    series.labels = [
      .with {
        $0.name = "n"
        $0.value = value
      }
    ]
    batch.appendSeries(labels: WireLabels.encode([(bytes("n"), bytes(value))]).rawSpan)
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      var chunk = Thanos_AggrChunk()
      chunk.minTime = Int64.random(in: .min ... .max, using: &random)
      chunk.maxTime = Int64.random(in: .min ... .max, using: &random)
      batch.appendChunk(minTime: chunk.minTime, maxTime: chunk.maxTime)
      let data = (0..<Int.random(in: 1...200, using: &random)).map { UInt8(truncatingIfNeeded: $0) }
      let hash = UInt64.random(in: 0 ... .max, using: &random)
      batch.appendPayload(
        ChunkPayload(
          field: .max, type: 1, owner: batch.owner(ByteStorage(data)), offset: 0,
          byteCount: data.count, hash: hash))
      chunk.max = .with {
        $0.type = .histogram
        $0.data = .init(data)
        $0.hash = hash
      }
      series.chunks.append(chunk)
    }
    return series
  }
}
