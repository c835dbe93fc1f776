internal import BlockCatalog
internal import RemoteBlocks
internal import StoreAPI
internal import TSDBBlock
internal import Telemetry

/// One Series request from blocks to batches. The only place that knows the whole order of work:
///
///     1  choose blocks           BlockSetSnapshot.blocks(for:)
///     2  select series           OpenedBlock, blocks side by side
///     3  decode, load chunks     WindowDecoder, windows side by side
///     4  merge equal labels      SeriesMerge, BlockCursor
///     5  drop copies, cut        ChunkCollector, here
///
/// What may touch pages that are not in memory runs on the executor, and so should the caller.
struct SeriesQuery {
  /// A batch that grew beyond this is sent before it is full.
  private static let batchBytes = 1 << 20
  /// Memory of a batch that is put together and of the one being sent.
  private static let batchMemory = 2 << 20
  /// Windows made ahead, over all blocks: enough to keep every core busy.
  private static let windowsAhead = 8
  /// Blocks opened at the same time.
  private static let parallelOpens = 64

  private let plan: SeriesPlan
  private var merge: SeriesMerge
  private var collector = ChunkCollector()
  private(set) var log: QueryLog
  private var left: Int
  /// Whether the last series of the batch may have more chunks.
  private var isOpen = false
  private var batchNumber = 0
  /// The blocks that were chosen.
  let blocks: [BlockID]
  /// What was read, of mapped blocks too.
  let statistics: FetchStatistics

  /// Selects the series of every block that can hold an answer, once there is memory for it.
  ///
  /// - Throws: ``QueryError``; `CancellationError`.
  init(
    _ plan: SeriesPlan, in snapshot: BlockSetSnapshot, resources: RequestResources = .unlimited,
    tenant: String = Tenant.unnamed, executor: (any TaskExecutor)? = nil
  ) async throws {
    self.plan = plan
    left = plan.limit ?? .max
    let start = ContinuousClock.now
    let blocks = snapshot.blocks(for: plan)
    self.blocks = blocks.map(\.block.id)
    let context = try await resources.admit(
      windowsOf: blocks.count, beside: Self.batchMemory, tenant: tenant)
    statistics = context.statistics
    var log = QueryLog(aborts: plan.read.abortsAtDamage)
    for block in snapshot.unavailable(
      for: plan.matchers, minTime: plan.read.filter.minTime, maxTime: plan.read.filter.maxTime)
    {
      try log.damage.note(missing: "\(block)", of: block.meta.id)
    }
    let opened = try await Self.open(blocks, plan, context, &log)
    let depth = opened.isEmpty ? 0 : max(1, Self.windowsAhead / opened.count)
    var cursors: [BlockCursor] = []
    for block in opened {
      let cursor = BlockCursor(
        block, depth: depth, limit: plan.limit, context: context, executor: executor)
      try await cursor.nextWindow(&log)
      cursors.append(cursor)
    }
    merge = SeriesMerge(cursors)
    log.blocks = blocks.count
    log.selecting = ContinuousClock.now - start
    self.log = log
  }

  private static func open(
    _ blocks: [(block: LoadedBlock, matchers: [LabelMatcher])], _ plan: SeriesPlan,
    _ context: RequestContext, _ log: inout QueryLog
  ) async throws -> [OpenedBlock] {
    let empty = log
    let results = try await inParallel(blocks, limit: parallelOpens) {
      (entry) async throws -> (OpenedBlock?, QueryLog) in
      var log = empty
      let opened = try await OpenedBlock.open(
        entry.block, selecting: entry.matchers, plan: plan.read, context: context, log: &log)
      return (opened, log)
    }
    for result in results { log.take(result.1) }
    return results.compactMap(\.0)
  }

  /// The next series in label order, or nil at the end.
  ///
  /// - Parameter count: How many series to take at most.
  mutating func nextBatch(of count: Int) async throws -> SeriesBatch? {
    let start = ContinuousClock.now
    defer { log.merging += ContinuousClock.now - start }
    var batch = SeriesBatch()
    batchNumber += 1
    while try !fill(&batch, upTo: count) {
      try await merge.top?.nextWindow(&log)
      merge.settleTopInNewWindow()
    }
    log.resultSeries += batch.count
    log.resultChunks += batch.chunks.count
    return batch.isEmpty ? nil : batch
  }

  /// Warnings about damage met since the last call.
  mutating func takeWarnings() -> [String] { log.damage.takeWarnings() }

  /// A line about warnings that were not sent, if any.
  var omittedWarnings: String? {
    log.damage.omitted == 0 ? nil : "\(log.damage.omitted) more damaged parts were left out"
  }

  /// - Returns: False when the cursor at the top needs its next window first.
  private mutating func fill(_ batch: inout SeriesBatch, upTo count: Int) throws -> Bool {
    let wantsChunks = plan.read.loader != nil
    while true {
      if isOpen {
        while merge.continuesLastSeries(of: batch), let cursor = merge.top {
          if wantsChunks {
            cursor.collectChunks(into: &collector, owners: &batch, number: batchNumber)
          }
          guard cursor.step() else { return false }
          merge.settleTop()
        }
        close(&batch)
      }
      if let cursor = merge.single, left > 0 {
        left -= cursor.appendRun(
          to: &batch, count: min(count - batch.count, left), byteCount: Self.batchBytes,
          wantsChunks: wantsChunks, number: batchNumber)
        merge.settleTop()
      }
      guard left > 0, batch.count < count, batch.byteCount < Self.batchBytes, merge.top != nil
      else { return true }
      merge.beginSeries(in: &batch)
      isOpen = true
    }
  }

  /// Ends the last series of the batch, which is taken back when all its chunks were damaged.
  private mutating func close(_ batch: inout SeriesBatch) {
    isOpen = false
    if plan.read.loader != nil {
      guard !collector.isEmpty else { return batch.removeLastSeries() }
      collector.finish(into: &batch)
      collector.removeAll()
    }
    left -= 1
  }
}
