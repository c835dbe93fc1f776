internal import IndexCache
internal import ObjectStore
public import TSDBBlock
internal import Telemetry

// Answers of `select`, the cheapest first:
//
//     the selection is cached     one look into the cache
//     its lists are cached        the header says which, one look into the cache
//     otherwise                   neighbours among the lists are fetched together
extension RemoteBlock {
  /// The series that match all of `matchers`, and the matchers that the reader of the series has
  /// to test; none means all series.
  ///
  /// When matchers remain, hand the series that matched to ``storeExpanded(_:for:tenant:)``, so
  /// that the next one who asks the same has nothing to test.
  ///
  /// - Parameters:
  ///   - matchers: conditions in any order.
  ///   - budget: pays before anything is read.
  ///   - tenant: who asks, for metrics.
  /// - Throws: `RemoteBlockError`; `damaged` when a list was wrong twice.
  public func select(
    _ matchers: [LabelMatcher], budget: some FetchCharging, tenant: String
  ) async throws(RemoteBlockError) -> PostingsSelection {
    let start = ContinuousClock.now
    let metrics = resources.metrics[tenant]
    let fetch = PostingsFetch(block: self, budget: budget, tenant: tenant)
    var selection: PostingsSelection
    if let ids = try await fetch.cachedSelection(matchers) {
      selection = PostingsSelection(ids: ids)
    } else {
      let header = try await header()
      do throws(RemoteBlockError) {
        selection = try await select(matchers, header, fetch)
      } catch {
        // A header that is out of date leads to lists that are none.
        guard case .damaged = error,
          let other = try await indexHeader.replacement(for: header)
        else { throw error }
        selection = try await select(matchers, other, fetch)
      }
      if selection.remaining.isEmpty || selection.ids.isEmpty {
        storeExpanded(selection.ids, for: matchers, tenant: tenant)
      }
    }
    if selection.ids.isEmpty {
      metrics.emptyPostings.increment()
      selection.remaining = []
    }
    let duration = start.duration(to: .now)
    metrics.postingsDuration.observe(duration)
    budget.statistics?.add(.postings) { $0.duration += duration }
    return selection
  }

  /// Keeps what `matchers` select, after all of them were tested.
  ///
  /// - Parameter ids: of the series that match, increasing.
  public func storeExpanded(_ ids: [UInt32], for matchers: [LabelMatcher], tenant: String) {
    guard let cache = resources.cache, !matchers.isEmpty else { return }
    let value = resources.metrics[tenant].codec.encoded(ids)
    cache.store([(.expandedPostings(of: matchers), value)], of: id, tenant: tenant)
  }

  /// Notes series that were fetched because conditions had been left to be tested on them, and that
  /// did not match.
  public func noteOverfetched(bytes: Int) {
    if bytes > 0 { resources.metrics.noteOverfetched(bytes: bytes) }
  }

  private func select<Budget: FetchCharging>(
    _ matchers: [LabelMatcher], _ header: IndexHeader, _ fetch: PostingsFetch<Budget>
  ) async throws(RemoteBlockError) -> PostingsSelection {
    let query = try await query(matchers, header)
    let lists = try await fetch.lists(query.lists, header)
    note(query.skipped)
    return PostingsSelection(ids: query.series(in: lists), remaining: query.remaining)
  }

  private func query(
    _ matchers: [LabelMatcher], _ header: IndexHeader
  ) async throws(RemoteBlockError) -> PostingsQuery {
    let options = resources.options
    let laziness = PostingsLaziness(
      seriesByteCount: estimates.seriesByteCount, maxKeySeriesRatio: options.maxKeySeriesRatio)
    do throws(BlockError) {
      return try await onBlockingThread { () throws(BlockError) in
        try PostingsQuery(
          matchers, in: header.postingsOffsets,
          laziness: options.leavesConditions ? laziness : nil)
      }
    } catch {
      throw .damaged(error.inFile("index-header"))
    }
  }

  private func note(_ skipped: [PostingsLaziness.Skipped]) {
    guard !skipped.isEmpty else { return }
    let metrics = resources.metrics
    metrics.lazyQueries.increment()
    for group in skipped {
      metrics.lazyBytes.increment(by: group.byteCount)
      metrics.lazyGroups(reason: group.reason.rawValue).increment()
    }
  }
}
