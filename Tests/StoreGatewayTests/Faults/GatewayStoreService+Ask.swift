import GRPCCore
import StoreAPI
import SwiftProtobuf
import TSDBBlock

@testable import StoreGateway

extension GatewayStoreService {
  /// Asks as a client does, without a network, and decodes what comes.
  func ask(_ question: Question, expected: Answer) async -> Outcome {
    do {
      var answer = Answer()
      var warnings: [String]
      let request = SeriesQueryTests.request(
        question.matchers, without: question.without, aborts: question.aborts)
      switch question.call {
      case .series(let skipsChunks, let batchSize):
        var request = request
        request.minTime = question.times.lowerBound
        request.maxTime = question.times.upperBound
        request.skipChunks = skipsChunks
        request.responseBatchSize = batchSize
        let frames = Noted<[SeriesFrame]>([])
        try await series(
          request, metadata: Metadata(), to: RPCWriter(wrapping: FrameWriter(frames: frames)))
        (answer.series, warnings) = try Self.decode(frames.change { $0 })
      case .labelNames:
        let response = try await labelNames(
          .with {
            $0.matchers = request.matchers
            $0.start = question.times.lowerBound
            $0.end = question.times.upperBound
            $0.withoutReplicaLabels = question.without
            $0.partialResponseStrategy = request.partialResponseStrategy
          }, metadata: Metadata())
        answer.strings = try Self.strings(of: response)
        warnings = response.warnings
      case .labelValues(let name):
        let response = try await labelValues(
          .with {
            $0.label = name
            $0.matchers = request.matchers
            $0.start = question.times.lowerBound
            $0.end = question.times.upperBound
            $0.withoutReplicaLabels = question.without
            $0.partialResponseStrategy = request.partialResponseStrategy
          }, metadata: Metadata())
        answer.strings = try Self.strings(of: response)
        warnings = response.warnings
      }
      return Outcome(answer, warnings: warnings, expected: expected)
    } catch let error as RPCError {
      return .failed(error.code, error.message)
    } catch {
      return .wrong("\(error)")
    }
  }

  private static func strings(of response: LabelAnswer) throws -> Set<String> {
    let encoded: [UInt8] = try LabelAnswerSerializer().serialize(response)
    return Set(try Thanos_LabelValuesResponse(serializedBytes: encoded).values)
  }

  /// - Throws: ``UnorderedSeries``, or what is wrong with a chunk.
  private static func decode(
    _ frames: [SeriesFrame]
  ) throws -> (series: ModelStore.Answer, warnings: [String]) {
    var series: ModelStore.Answer = [:]
    var last: LabelSet?
    var warnings: [String] = []
    func add(_ index: Int, _ batch: SeriesBatch) throws {
      let labels = ModelStore.labels(of: index, in: batch)
      if let last, !(last < labels) { throw UnorderedSeries(before: last, after: labels) }
      last = labels
      series[labels] = try ModelStore.samples(of: index, in: batch)
    }
    for frame in frames {
      switch frame {
      case .series(let batch, let index): try add(index, batch)
      case .batch(let batch): for index in 0..<batch.count { try add(index, batch) }
      case .warning(let text): warnings.append(text)
      case .hints: break
      }
    }
    return (series, warnings)
  }
}

struct UnorderedSeries: Error {
  var before: LabelSet
  var after: LabelSet
}

/// Keeps what a service writes.
private struct FrameWriter: RPCWriterProtocol {
  let frames: Noted<[SeriesFrame]>

  func write(_ element: SeriesFrame) async throws {
    frames.change { $0.append(element) }
  }

  func write(contentsOf elements: some Sequence<SeriesFrame>) async throws {
    for element in elements { try await write(element) }
  }
}
