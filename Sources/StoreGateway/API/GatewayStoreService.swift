internal import GRPCCore
internal import IndexCache
internal import RemoteBlocks
internal import ServerRuntime
internal import StoreAPI
internal import SwiftProtobuf
internal import TSDBBlock
internal import Telemetry

/// `thanos.Store` over the published blocks.
///
/// Whatever may touch a cold page runs on `executor`, a batch at a time. The next batch is made
/// when the writer has taken the last one, so a slow client holds one batch and no more.
struct GatewayStoreService: StoreService {
  /// Series per step when the client takes them one by one.
  private static let stepSeries = 64
  /// Bytes of batches that are written together.
  private static let writeBytes = 256 << 10

  let blocks: PublishedBlocks
  let window: ServedWindow
  let resources: RequestResources
  let seriesGate: QueryGate
  /// Label calls wait at a gate of their own, so that they are not held up by long Series calls.
  let labelGate: QueryGate
  let metrics: PerTenant<ReadMetrics>
  let fetchMetrics: FetchMetrics
  let matcherCache: MatcherCache?
  let accounting: QueryAccounting
  /// Told of blocks that a query found gone from the bucket.
  let recheck: @Sendable (Set<BlockID>) -> Void
  let executor: (any TaskExecutor)?

  /// - Parameter concurrency: How many Series calls, and how many label calls, run at a time; 0 for
  ///   any number.
  init(
    blocks: PublishedBlocks, window: ServedWindow,
    resources: RequestResources = .unlimited, concurrency: Int = 0,
    matcherCache: MatcherCache? = nil, accounting: QueryAccounting? = nil,
    registry: MetricRegistry = MetricRegistry(),
    executor: (any TaskExecutor)?, recheck: @escaping @Sendable (Set<BlockID>) -> Void = { _ in }
  ) {
    self.recheck = recheck
    self.accounting = accounting ?? QueryAccounting(RunningQueries(), registry: registry)
    fetchMetrics = FetchMetrics(registry)
    self.blocks = blocks
    self.window = window
    self.resources = resources
    self.matcherCache = matcherCache
    self.executor = executor
    metrics = PerTenant { ReadMetrics(registry, tenant: $0) }
    seriesGate = QueryGate(
      limit: concurrency, prefix: "thanos_bucket_store_series_gate", registry: registry)
    labelGate = QueryGate(
      limit: concurrency, prefix: "blockhouse_store_label_gate", registry: registry)
  }

  func series(
    _ request: Thanos_SeriesRequest, metadata: Metadata, to writer: RPCWriter<SeriesFrame>
  ) async throws {
    try await accounting.series(request, metadata) { call in
      try await stream(request, tenant: metrics.name(of: metadata.tenant), to: writer, call)
    }
  }

  private func stream(
    _ request: Thanos_SeriesRequest, tenant name: String, to writer: RPCWriter<SeriesFrame>,
    _ call: RunningQuery
  ) async throws {
    let tenant = metrics[name]
    do {
      let plan = try SeriesPlan(request, window: window.current, cache: matcherCache)
      try await seriesGate.run {
        try await withTaskExecutorPreference(executor) {
          var query = try await SeriesQuery(
            plan, in: blocks.current, resources: resources, tenant: name, executor: executor)
          // Also when the call ends early.
          defer {
            if !query.log.damage.vanished.isEmpty { recheck(query.log.damage.vanished) }
          }
          try await Self.send(&query, plan, to: writer, tenant, call)
          tenant.observe(query.log)
          fetchMetrics.observe(query.statistics, tenant: name)
        }
      }
    } catch let error as QueryError {
      tenant.countDrop(error)
      throw RPCError(error)
    }
  }

  private static func send(
    _ query: inout SeriesQuery, _ plan: SeriesPlan, to writer: RPCWriter<SeriesFrame>,
    _ metrics: ReadMetrics, _ call: RunningQuery
  ) async throws {
    // Every write costs a way through the event loop and a system call, so small batches go
    // together; but for the first one, which a querier waits for.
    var frames: [SeriesFrame] = []
    var byteCount = Self.writeBytes
    while true {
      try Task.checkCancellation()
      let batch = try await query.nextBatch(of: plan.batchSize ?? stepSeries)
      frames += query.takeWarnings().map(SeriesFrame.warning)
      guard let batch else { break }
      call.add(series: batch.count, chunks: batch.chunks.count, bytes: batch.byteCount)
      if !batch.chunks.isEmpty {
        let bytes = batch.byteCount - batch.labels.count
        metrics.sentChunkSize.observe(Double(bytes) / Double(batch.chunks.count))
      }
      if plan.batchSize != nil {
        frames.append(.batch(batch))
      } else {
        frames += (0..<batch.count).map { .series(batch, at: $0) }
      }
      byteCount += batch.byteCount
      guard byteCount >= Self.writeBytes else { continue }
      try await writer.write(contentsOf: frames)
      frames.removeAll(keepingCapacity: true)
      byteCount = 0
    }
    if let omitted = query.omittedWarnings { frames.append(.warning(omitted)) }
    if !frames.isEmpty { try await writer.write(contentsOf: frames) }
    guard plan.wantsStatistics else { return }
    let hints = Hintspb_SeriesResponseHints(
      query.log, query.statistics, blocks: query.blocks)
    try await writer.write(
      .hints(Google_Protobuf_Any(message: hints).serializedBytes()))
  }

  func labelNames(
    _ request: Thanos_LabelNamesRequest, metadata: Metadata
  ) async throws -> LabelAnswer {
    let answer = try await accounting.labels(
      "LabelNames", request.matchers, request.start, request.end, metadata
    ) { _ in
      try await self.answer(metadata) { snapshot in
        try await LabelQuery(
          plan: LabelPlan(request, cache: matcherCache), snapshot: snapshot,
          resources: resources, tenant: metrics.name(of: metadata.tenant)
        ).names()
      }
    }
    return try LabelAnswer(answer) { blocks in
      var hints = Hintspb_LabelNamesResponseHints()
      hints.queriedBlocks = blocks
      return hints
    }
  }

  func labelValues(
    _ request: Thanos_LabelValuesRequest, metadata: Metadata
  ) async throws -> LabelAnswer {
    let answer = try await accounting.labels(
      "LabelValues \(request.label.prefix(256))", request.matchers, request.start, request.end,
      metadata
    ) { _ in
      try await self.answer(metadata) { snapshot in
        try await LabelQuery(
          plan: LabelPlan(request, cache: matcherCache), snapshot: snapshot,
          resources: resources, tenant: metrics.name(of: metadata.tenant)
        ).values(of: Array(request.label.utf8))
      }
    }
    return try LabelAnswer(answer) { blocks in
      var hints = Hintspb_LabelValuesResponseHints()
      hints.queriedBlocks = blocks
      return hints
    }
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
    _ metadata: Metadata,
    _ body: @Sendable (BlockSetSnapshot) async throws -> LabelQuery.Answer
  ) async throws -> LabelQuery.Answer {
    do {
      let answer = try await labelGate.run {
        try await withTaskExecutorPreference(executor) { try await body(blocks.current) }
      }
      if !answer.vanished.isEmpty { recheck(answer.vanished) }
      return answer
    } catch let error as QueryError {
      metrics[metadata.tenant].countDrop(error)
      throw RPCError(error)
    }
  }
}
