public import BlockCatalog
internal import ObjectStore

/// All blocks of a bucket, looked at when somebody wants to see them and not more often than at an
/// interval: a page that nobody opens costs nothing.
public actor BucketBlocks {
  private let fetcher: CatalogFetcher
  private let interval: Duration
  private let limit: Duration
  private let now: @Sendable () -> Int64
  private let view = BlockView()
  private var lastLook: ContinuousClock.Instant?
  private var look: Task<Void, Never>?

  /// - Parameters:
  ///   - fetcher: one with ``rules``.
  ///   - interval: how old what is shown may be.
  ///   - limit: how long a look may take.
  ///   - now: Unix milliseconds.
  public init(
    _ fetcher: CatalogFetcher, interval: Duration = .seconds(60), limit: Duration = .seconds(300),
    now: @escaping @Sendable () -> Int64
  ) {
    self.fetcher = fetcher
    self.interval = interval
    self.limit = limit
    self.now = now
  }

  /// Rules that hide nothing.
  public static var rules: CatalogRules {
    var rules = CatalogRules()
    rules.hidesDuplicates = false
    rules.deletionDelay = DeletionDelay(milliseconds: .max)
    return rules
  }

  /// The blocks of a look that is young enough. Callers at the same time share one look.
  public func content() async -> BlockView.Content {
    if let lastLook, lastLook.duration(to: .now) < interval { return view.content }
    let look = look ?? Task { await self.refresh() }
    self.look = look
    await look.value
    return view.content
  }

  private func refresh() async {
    do {
      let snapshot = try await withTimeLimit(limit) { [fetcher] in try await fetcher.fetch() }
      view.show(snapshot, now: now())
    } catch {
      view.fail("\(error)")
    }
    lastLook = .now
    look = nil
  }
}

/// The look at the bucket took too long.
private struct TimeIsUp: Error, CustomStringConvertible {
  let limit: Duration
  var description: String { "looking at the bucket took longer than \(limit)" }
}

private func withTimeLimit<Value: Sendable>(
  _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value.self) { group in
    group.addTask(operation: work)
    group.addTask {
      try await Task.sleep(for: limit)
      throw TimeIsUp(limit: limit)
    }
    defer { group.cancelAll() }
    guard let value = try await group.next() else { throw TimeIsUp(limit: limit) }
    return value
  }
}
