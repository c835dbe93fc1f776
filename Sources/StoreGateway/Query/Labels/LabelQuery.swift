internal import BlockCatalog
internal import StoreAPI
internal import TSDBBlock
internal import Telemetry

/// Answers LabelNames and LabelValues, blocks side by side.
///
/// Without matchers on labels inside the blocks the index answers alone, for whole blocks; with
/// them every matching series that has a chunk in the time range is looked at.
struct LabelQuery: Sendable {
  /// Blocks looked at at the same time.
  private static let parallelBlocks = 8

  let plan: LabelPlan
  let snapshot: BlockSetSnapshot
  var resources = RequestResources.unlimited
  var tenant = Tenant.unnamed

  struct Answer: Sendable {
    /// Sorted by bytes, distinct, cut to the limit.
    var strings: LabelStrings
    var warnings: [String]
    /// Nil when no block had to be looked at.
    var queriedBlocks: [BlockID]?
    /// Blocks that are gone from the bucket.
    var vanished: Set<BlockID> = []
  }

  /// The label names that series have in the time range.
  func names() async throws -> Answer {
    let removed = plan.read.removedNames
    return try await collect { block, matchers, context, log in
      guard matchers.isEmpty else {
        return try await SeriesLabels.names(of: block, matchers, plan.read, context, &log)
      }
      var names = Set(block.externalLabels.map(\.name))
      do throws(ReadFailure) {
        names.formUnion(try await block.labelNames())
      } catch {
        try log.damage.note(error, in: block.id)
      }
      return SortedStrings(names.subtracting(removed))
    }
  }

  /// The values that series have for the label `name`.
  func values(of name: [UInt8]) async throws -> Answer {
    if plan.read.removedNames.contains(name) {
      return Answer(strings: LabelStrings(), warnings: [], queriedBlocks: nil)
    }
    return try await collect { block, matchers, context, log in
      let external = block.externalLabels.first { $0.name == name }
      guard matchers.isEmpty else {
        return try await SeriesLabels.values(
          of: name, isExternal: external != nil, in: block, matchers, plan.read, context, &log)
      }
      if let external { return SortedStrings([external.value]) }
      do throws(ReadFailure) {
        return try await block.labelValues(of: name)
      } catch {
        try log.damage.note(error, in: block.id)
        return SortedStrings()
      }
    }
  }

  private func collect(
    from body:
      @escaping @Sendable (LoadedBlock, [LabelMatcher], RequestContext, inout QueryLog)
      async throws -> SortedStrings
  ) async throws -> Answer {
    let blocks = snapshot.blocks(for: plan)
    let aborts = plan.read.abortsAtDamage
    let parallel = min(Self.parallelBlocks, max(blocks.count, 1))
    let context = try await resources.admit(windowsOf: parallel, tenant: tenant)
    let results = try await inParallel(blocks, limit: parallel) {
      (entry) async throws -> (SortedStrings, QueryLog) in
      var log = QueryLog(aborts: aborts)
      let strings = try await body(entry.block, entry.matchers, context, &log)
      try context.memory.need(strings.byteCount)
      return (strings, log)
    }
    var log = QueryLog(aborts: aborts)
    for result in results { log.take(result.1) }
    for block in snapshot.unavailable(
      for: plan.matchers, minTime: plan.start, maxTime: plan.end)
    {
      try log.damage.note(missing: "\(block)", of: block.meta.id)
    }
    return Answer(
      strings: SortedStrings.union(of: results.map(\.0)).text(upTo: plan.limit ?? .max),
      warnings: log.damage.takeWarnings(), queriedBlocks: blocks.map(\.block.id),
      vanished: log.damage.vanished)
  }
}
