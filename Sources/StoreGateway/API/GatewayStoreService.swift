internal import GRPCCore
internal import StoreAPI
internal import SwiftProtobuf
internal import TSDBBlock

/// `thanos.Store` over the published blocks.
///
/// Whatever may touch a cold page runs on `executor`, a batch at a time. The next batch is made
/// when the writer has taken the last one, so a slow client holds one batch and no more.
struct GatewayStoreService: StoreService {
  /// Series per step when the client takes them one by one.
  private static let stepSeries = 64

  let blocks: PublishedBlocks
  let window: ServedWindow
  let executor: (any TaskExecutor)?

  func series(
    _ request: Thanos_SeriesRequest, metadata: Metadata, to writer: RPCWriter<SeriesFrame>
  ) async throws {
    do {
      let plan = try SeriesPlan(request, window: window.current)
      let snapshot = blocks.current
      let executor = executor
      try await withTaskExecutorPreference(executor) {
        var query = try await SeriesQuery(plan, in: snapshot, executor: executor)
        try await Self.send(&query, plan, to: writer)
      }
    } catch let error as QueryError {
      throw RPCError(error)
    }
  }

  private static func send(
    _ query: inout SeriesQuery, _ plan: SeriesPlan, to writer: RPCWriter<SeriesFrame>
  ) async throws {
    while true {
      try Task.checkCancellation()
      let batch = try await query.nextBatch(of: plan.batchSize ?? stepSeries)
      for warning in query.takeWarnings() { try await writer.write(.warning(warning)) }
      guard let batch else { break }
      if plan.batchSize != nil {
        try await writer.write(.batch(batch))
      } else {
        try await writer.write(contentsOf: (0..<batch.count).map { .series(batch, at: $0) })
      }
    }
    if let omitted = query.omittedWarnings { try await writer.write(.warning(omitted)) }
  }

  func labelNames(
    _ request: Thanos_LabelNamesRequest, metadata: Metadata
  ) async throws -> Thanos_LabelNamesResponse {
    let answer = try await answer { snapshot in
      try await LabelQuery(plan: LabelPlan(request), snapshot: snapshot).names()
    }
    var response = Thanos_LabelNamesResponse()
    response.names = answer.strings
    response.warnings = answer.warnings
    if let blocks = answer.queriedBlocks {
      var hints = Hintspb_LabelNamesResponseHints()
      hints.queriedBlocks = blocks.map(Self.message)
      response.hints = try Google_Protobuf_Any(message: hints)
    }
    return response
  }

  func labelValues(
    _ request: Thanos_LabelValuesRequest, metadata: Metadata
  ) async throws -> Thanos_LabelValuesResponse {
    let answer = try await answer { snapshot in
      try await LabelQuery(plan: LabelPlan(request), snapshot: snapshot)
        .values(of: Array(request.label.utf8))
    }
    var response = Thanos_LabelValuesResponse()
    response.values = answer.strings
    response.warnings = answer.warnings
    if let blocks = answer.queriedBlocks {
      var hints = Hintspb_LabelValuesResponseHints()
      hints.queriedBlocks = blocks.map(Self.message)
      response.hints = try Google_Protobuf_Any(message: hints)
    }
    return response
  }

  /// The legacy call: what queriers before 0.24 learn stores by.
  func info(_ request: Thanos_InfoRequest) async throws -> Thanos_InfoResponse {
    let summary = StoreSummary(blocks.current, window: window.current)
    var response = Thanos_InfoResponse()
    response.storeType = .store
    response.minTime = summary.minTime
    response.maxTime = summary.maxTime
    response.labelSets = summary.labelSets.map(StoreSummary.message)
    return response
  }

  private func answer(
    _ body: @Sendable (BlockSetSnapshot) async throws -> LabelQuery.Answer
  ) async throws -> LabelQuery.Answer {
    let snapshot = blocks.current
    do {
      return try await withTaskExecutorPreference(executor) { try await body(snapshot) }
    } catch let error as QueryError {
      throw RPCError(error)
    }
  }

  private static func message(_ id: BlockID) -> Hintspb_Block {
    var block = Hintspb_Block()
    block.id = id.description
    return block
  }
}
