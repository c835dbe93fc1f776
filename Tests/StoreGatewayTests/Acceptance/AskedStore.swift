import GRPCCore
import GRPCInProcessTransport
import StoreAPI
import SwiftProtobuf
import TSDBBlock
import Telemetry
import TestSupport

@testable import StoreGateway

/// A store over blocks written for one test, asked over gRPC inside the process.
struct AskedStore: Sendable {
  /// What a block is made of.
  struct Block {
    var externals: [String: String] = [:]
    var series: [TestSeries]
    /// The times of the samples unless given.
    var range: Range<Int64>?
    var samplesPerChunk = 120
  }

  let client: GRPCClient<InProcessTransport.Client>
  /// Of the blocks, in the order given.
  let ids: [BlockID]

  /// Writes blocks and runs `body` with a store that serves them.
  static func with<Result: Sendable>(
    _ blocks: [Block], limits: RequestLimits = RequestLimits(), window: ServedWindow = .everything,
    registry: MetricRegistry = MetricRegistry(),
    _ body: @Sendable (AskedStore) async throws -> Result
  ) async throws -> Result {
    try await withService(blocks, limits: limits, window: window, registry: registry) {
      store, ids in
      let info = InfoService(blocks: store.blocks, window: window)
      return try await ask([store, info]) { client in
        try await body(AskedStore(client: client, ids: ids))
      }
    }
  }

  /// Writes blocks and runs `body` with the service that serves them, and their identities.
  static func withService<Result: Sendable>(
    _ blocks: [Block], limits: RequestLimits = RequestLimits(), window: ServedWindow = .everything,
    registry: MetricRegistry = MetricRegistry(),
    _ body: @Sendable (GatewayStoreService, [BlockID]) async throws -> Result
  ) async throws -> Result {
    try await withTemporaryDirectory { directory in
      let loaded = try blocks.enumerated().map { number, block in
        try write(block, number + 1, in: directory)
      }
      let published = PublishedBlocks()
      published.publish(BlockSetSnapshot(loaded))
      let store = GatewayStoreService(
        blocks: published, window: window,
        resources: RequestResources(limits: { limits }, memory: MemoryBudget(byteCount: 1 << 30)),
        registry: registry, executor: nil)
      return try await body(store, loaded.map(\.id))
    }
  }

  /// Runs `body` with a client of `services`.
  static func ask<Result: Sendable>(
    _ services: [any RegistrableRPCService],
    _ body: @Sendable (GRPCClient<InProcessTransport.Client>) async throws -> Result
  ) async throws -> Result {
    let transport = InProcessTransport()
    return try await withGRPCServer(transport: transport.server, services: services) { _ in
      try await withGRPCClient(transport: transport.client) { client in try await body(client) }
    }
  }

  /// Writes a block and loads it. Blocks with higher numbers are younger.
  static func write(_ block: Block, _ number: Int, in directory: String) throws -> LoadedBlock {
    var random = SeededRandom(seed: UInt64(number))
    let id = BlockID.make(now: Int64(number), randomness: &random)
    let path = "\(directory)/\(id)"
    try makeBlock(
      at: path, id: id, block.series, minTime: block.range?.lowerBound,
      maxTime: block.range?.upperBound, samplesPerChunk: block.samplesPerChunk
    ) { meta in
      var thanos = ThanosMeta()
      thanos.labels = block.externals.sorted { $0.key < $1.key }.map {
        .init(name: Array($0.key.utf8), value: Array($0.value.utf8))
      }
      meta.thanos = thanos
    }
    return try load(path)
  }

  /// Loads the block in a directory.
  static func load(_ path: String) throws -> LoadedBlock {
    try LoadedBlock(BlockReader.readMeta(path), directory: path)
  }

  // MARK: Calls

  struct SeriesAnswer {
    var series: [Thanos_Series] = []
    var warnings: [String] = []
    var hints: [Google_Protobuf_Any] = []

    /// The labels of every series, as `a=1,b=2`.
    var labels: [String] {
      series.map { $0.labels.map { "\($0.name)=\($0.value)" }.joined(separator: ",") }
    }

    var chunkCounts: [Int] { series.map(\.chunks.count) }

    /// Whether every series comes behind the one before.
    var isOrdered: Bool {
      let sets = series.map { one in
        LabelSet(one.labels.map { (name: Array($0.name.utf8), value: Array($0.value.utf8)) })
      }
      return zip(sets, sets.dropFirst()).allSatisfy { $0 < $1 }
    }
  }

  func series(
    _ matchers: [String], times: ClosedRange<Int64> = .min ... .max,
    _ change: (inout Thanos_SeriesRequest) -> Void = { _ in }
  ) async throws -> SeriesAnswer {
    var request = Thanos_SeriesRequest()
    request.minTime = times.lowerBound
    request.maxTime = times.upperBound
    request.matchers = matchers.map { Thanos_LabelMatcher($0) }
    change(&request)
    return try await Thanos_Store.Client(wrapping: client).series(request) { response in
      var answer = SeriesAnswer()
      for try await frame in response.messages {
        switch frame.result {
        case .series(let series): answer.series.append(series)
        case .batch(let batch): answer.series += batch.series
        case .warning(let warning): answer.warnings.append(warning)
        case .hints(let hints): answer.hints.append(hints)
        case nil: answer.warnings.append("an empty frame")
        }
      }
      return answer
    }
  }

  func names(
    _ matchers: [String] = [], times: ClosedRange<Int64> = .min ... .max,
    _ change: (inout Thanos_LabelNamesRequest) -> Void = { _ in }
  ) async throws -> Thanos_LabelNamesResponse {
    var request = Thanos_LabelNamesRequest()
    request.start = times.lowerBound
    request.end = times.upperBound
    request.matchers = matchers.map { Thanos_LabelMatcher($0) }
    change(&request)
    return try await Thanos_Store.Client(wrapping: client).labelNames(request)
  }

  func values(
    _ label: String, _ matchers: [String] = [], times: ClosedRange<Int64> = .min ... .max,
    _ change: (inout Thanos_LabelValuesRequest) -> Void = { _ in }
  ) async throws -> Thanos_LabelValuesResponse {
    var request = Thanos_LabelValuesRequest()
    request.label = label
    request.start = times.lowerBound
    request.end = times.upperBound
    request.matchers = matchers.map { Thanos_LabelMatcher($0) }
    change(&request)
    return try await Thanos_Store.Client(wrapping: client).labelValues(request)
  }

  func info() async throws -> Thanos_Info_InfoResponse {
    try await Thanos_Info_Info.Client(wrapping: client).info(.init())
  }
}

extension Thanos_LabelMatcher {
  /// `name=value`, `name!=value`, `name=~value` or `name!~value`.
  init(_ text: String) {
    self.init()
    let operation = text.firstIndex { $0 == "=" || $0 == "!" } ?? text.endIndex
    let rest = text[operation...]
    name = String(text[..<operation])
    type =
      rest.hasPrefix("!=") ? .neq : rest.hasPrefix("!~") ? .nre : rest.hasPrefix("=~") ? .re : .eq
    value = String(rest.dropFirst(type == .eq ? 1 : 2))
  }
}

extension TestSeries {
  /// A series with labels as `a=1,b=2` and the value 1 at some times.
  init(_ labels: String, at times: [Int64]) {
    self.init(
      LabelSet(
        labels.split(separator: ",").map { pair in
          let parts = pair.split(separator: "=", maxSplits: 1)
          return (name: Array(parts[0].utf8), value: Array(parts[1].utf8))
        }),
      times.map { (time: $0, value: 1) })
  }
}
