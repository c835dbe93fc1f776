import GRPCCore
import GRPCNIOTransportHTTP2
import StoreAPI
import TSDBBlock

@testable import StoreGateway

/// A random call of a client, its answer, and what a model says it should be.
struct RandomCall: Sendable {
  enum Kind: Int, CaseIterable { case series, labels, names, values }

  /// An answer in a form in which two can be compared.
  enum Answer: Equatable {
    case series(ModelStore.Answer)
    case strings([String])
  }

  private static let matchers: [[String]] = [
    [], ["__name__=metric_1"], ["l0=~v1.*"], ["l0="], ["l1!=", "l0!~v(1|2|3)"], ["replica=a"],
    ["zone!=", "__name__=~.*_[02]"], ["l2="], ["l0=outside"], ["missing!="],
  ]

  var kind: Kind
  var matchers: [String]
  var removed: [String]
  var times: ClosedRange<Int64>
  var limit: Int
  var batchSize: Int64

  init(using random: inout some RandomNumberGenerator) {
    kind = Kind.allCases.randomElement(using: &random) ?? .series
    matchers = Self.matchers.randomElement(using: &random) ?? []
    removed = [[], ["replica"], ["zone", "l1"]].randomElement(using: &random) ?? []
    let start = Int64.random(in: -100..<3000, using: &random)
    // Names and values of whole blocks come without a look at times.
    times =
      kind.rawValue > Kind.labels.rawValue || Bool.random(using: &random)
      ? .min ... .max : start...start + Int64.random(in: 0..<2000, using: &random)
    limit = Bool.random(using: &random) ? 0 : Int.random(in: 1...20, using: &random)
    batchSize = [0, 1, 7, 64].randomElement(using: &random) ?? 0
  }

  // MARK: The model's answer

  func answer(of blocks: [ModelStore.Content]) throws -> Answer {
    let store = ModelStore(blocks: blocks)
    let found = store.answer(
      matching: try LabelMatcher.all(matchers.map { Thanos_LabelMatcher($0) }), without: removed,
      times: times)
    switch kind {
    case .series, .labels:
      let kept = found.keys.sorted().prefix(limit == 0 ? .max : limit)
      return .series(
        ModelStore.Answer(
          uniqueKeysWithValues: kept.map { ($0, kind == .labels ? [] : found[$0] ?? []) }))
    case .names:
      return strings(found.keys.flatMap { $0.pairs.map(\.name) })
    case .values:
      return strings(found.keys.compactMap { $0.value(of: "l0") })
    }
  }

  private func strings(_ all: [[UInt8]]) -> Answer {
    let sorted = Set(all).sorted { $0.lexicographicallyPrecedes($1) }
    return .strings(
      sorted.prefix(limit == 0 ? .max : limit).map { String(decoding: $0, as: UTF8.self) })
  }

  // MARK: The store's answer

  func ask(
    _ client: Thanos_Store.Client<HTTP2ClientTransport.Posix>, _ options: CallOptions
  ) async throws -> (answer: Answer, isOrdered: Bool, warnings: [String]) {
    let matchers = matchers.map { Thanos_LabelMatcher($0) }
    switch kind {
    case .series, .labels:
      var request = Thanos_SeriesRequest()
      request.minTime = times.lowerBound
      request.maxTime = times.upperBound
      request.matchers = matchers
      request.withoutReplicaLabels = removed
      request.limit = Int64(limit)
      request.responseBatchSize = batchSize
      request.skipChunks = kind == .labels
      return try await client.series(request, options: options) { response in
        var series: [Thanos_Series] = []
        var warnings: [String] = []
        for try await frame in response.messages {
          if !frame.warning.isEmpty { warnings.append(frame.warning) }
          if !frame.series.labels.isEmpty { series.append(frame.series) }
          series += frame.batch.series
        }
        let answer = try ModelStore.decode(series)
        return (.series(answer.model), answer.isOrdered, warnings)
      }
    case .names:
      var request = Thanos_LabelNamesRequest()
      request.start = times.lowerBound
      request.end = times.upperBound
      request.matchers = matchers
      request.withoutReplicaLabels = removed
      request.limit = Int64(limit)
      let response = try await client.labelNames(request, options: options)
      return (.strings(response.names), true, response.warnings)
    case .values:
      var request = Thanos_LabelValuesRequest()
      request.label = "l0"
      request.start = times.lowerBound
      request.end = times.upperBound
      request.matchers = matchers
      request.withoutReplicaLabels = removed
      request.limit = Int64(limit)
      let response = try await client.labelValues(request, options: options)
      return (.strings(response.values), true, response.warnings)
    }
  }
}
