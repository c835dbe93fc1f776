internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Brings what is served in line with what lies in the bucket.
///
///     bucket ─► catalog (metas, rules) ─► drop what is gone ─► open what is new ─► drop what is hidden
///                                               └───────── publish, again and again ─────────┘
///
/// Blocks are served as soon as they are open; those that are not yet are published as unavailable.
/// A block that others replace stays until they are open. One that cannot be opened is counted,
/// logged and tried again at the next sync. While the bucket cannot be seen as a whole blocks are
/// added and none is dropped.
actor BlockSync {
  private let fetcher: CatalogFetcher
  private let bucketName: String
  private let published: PublishedBlocks
  private let metrics: SyncMetrics
  private let logger: Logger
  private let concurrency: Int
  private let publishInterval: Duration
  private let opener: BlockOpener
  private let retainLocalFiles: @Sendable (Set<BlockID>) async -> Void

  private var loaded: [BlockID: LoadedBlock] = [:]
  /// Blocks that are being opened.
  private var waiting: [BlockID: BlockMeta] = [:]
  /// Blocks that could not be opened. Their errors are logged once and not at every sync.
  private var failures: [BlockID: (meta: BlockMeta, reason: String)] = [:]
  private var announced = LabelSets()
  private var isFirst = true
  private var hasRetainedFiles = false
  private var turns = Turns()
  /// Looks at single blocks that are under way.
  var rechecks: [BlockID: SingleFlight<Recheck>] = [:]

  /// Happens when the bucket was seen for the first time.
  nonisolated let catalogIsKnown = OneTimeEvent()
  /// Happens when all blocks that were seen then have been tried.
  nonisolated let firstLoadIsDone = OneTimeEvent()
  /// Asks for a sync out of turn.
  nonisolated let requests = SyncRequests()

  /// - Parameters:
  ///   - concurrency: blocks opened at the same time: opening waits more than it computes.
  ///   - publishInterval: how often what is open is published while others are being opened.
  ///   - open: nil for blocks that are mapped where they lie.
  ///   - retainLocalFiles: told which blocks are served or will be, whenever the bucket was seen as
  ///     a whole and some were dropped; files of all others may go.
  init(
    bucket: any Bucket, fetcher: CatalogFetcher, publishing published: PublishedBlocks,
    metrics: SyncMetrics, executor: BlockingExecutor, logger: Logger, concurrency: Int = 20,
    publishInterval: Duration = .milliseconds(500), open: BlockOpener? = nil,
    retainLocalFiles: @escaping @Sendable (Set<BlockID>) async -> Void = { _ in }
  ) {
    bucketName = bucket.name
    self.fetcher = fetcher
    self.published = published
    self.metrics = metrics
    self.logger = logger
    self.concurrency = max(concurrency, 1)
    self.publishInterval = publishInterval
    opener = open ?? mappedBlocks(in: bucket, on: executor)
    self.retainLocalFiles = retainLocalFiles
  }

  /// Everything at the root of the bucket that is named like a block, as seen last.
  private(set) var directories: [BlockID] = []

  /// One sync.
  ///
  /// - Returns: what could not be seen; nil when everything was.
  /// - Throws: ``BucketError`` when the bucket could not be looked at; what was served stays.
  @discardableResult
  func run() async throws(BucketError) -> IncompleteView? {
    await enter()
    defer { leave() }
    let view = try await fetcher.look()
    catalogIsKnown.happen()
    await apply(view, changed: nil)
    firstLoadIsDone.happen()
    return view.gap
  }

  /// Looks at some blocks only, because something happened to them.
  func refresh(_ ids: Set<BlockID>) async {
    await enter()
    defer { leave() }
    await apply(await fetcher.look(at: ids), changed: ids)
  }

  // MARK: - One at a time

  private func enter() async {
    guard !turns.take() else { return }
    await withCheckedContinuation { turns.wait($0) }
  }

  private func leave() {
    turns.give()
  }

  // MARK: - Applying

  /// - Parameter changed: the blocks that were looked at; nil for all.
  private func apply(_ view: CatalogView, changed: Set<BlockID>?) async {
    directories = view.directories
    let catalog = view.snapshot
    let wanted = Dictionary(
      catalog.entries.map { ($0.id, $0.meta) }, uniquingKeysWith: { first, _ in first })
    failures = failures.filter { wanted[$0.key] != nil }
    announced.formUnion(wanted.values)
    var dropped = drop(lost(view, changed, wanted))
    let fresh = catalog.entries.map(\.meta).filter { meta in
      guard loaded[meta.id]?.meta != meta else { return false }
      // What is broken is tried again when it changed, or when everything is looked at.
      return changed?.contains(meta.id) ?? true || failures[meta.id]?.meta != meta
    }
    for meta in fresh { waiting[meta.id] = meta }
    if dropped > 0 || !fresh.isEmpty { publish() }
    await load(fresh)
    let known = announced
    if view.gap == nil {
      dropped += drop(loaded.keys.filter { wanted[$0] == nil })
      announced = LabelSets(wanted.values)
    }
    if isFirst || dropped > 0 || !fresh.isEmpty {
      publish()
      report(catalog)
      isFirst = false
    } else if announced != known {
      publish()
    }
    guard view.gap == nil, dropped > 0 || !hasRetainedFiles else { return }
    hasRetainedFiles = true
    await retainLocalFiles(Set(wanted.keys))
  }

  /// Served blocks that are no longer in the bucket. Others may be hidden by a rule, which can wait
  /// until what replaces them is open; these cannot be read any more.
  private func lost(
    _ view: CatalogView, _ changed: Set<BlockID>?, _ wanted: [BlockID: BlockMeta]
  ) -> [BlockID] {
    let candidates = loaded.keys.filter { wanted[$0] == nil }
    guard !candidates.isEmpty else { return [] }
    var existing = Set(view.snapshot.hidden.keys).union(view.snapshot.duplicates.map(\.id))
    // Of these nobody knows.
    existing.formUnion(view.gap?.parts.map(\.id) ?? [])
    return candidates.filter { id in
      !existing.contains(id) && (view.gap == nil || changed?.contains(id) ?? false)
    }
  }

  /// Returns how many were served.
  private func drop(_ ids: [BlockID]) -> Int {
    var count = 0
    for id in ids where loaded.removeValue(forKey: id) != nil {
      count += 1
      logger.info("dropped a block", metadata: ["block": "\(id)"])
    }
    metrics.drops.increment(by: count)
    return count
  }

  private func publish() {
    metrics.loaded.set(loaded.count)
    metrics.waiting.set(waiting.count)
    var unavailable = waiting.values.map { UnavailableBlock(meta: $0, reason: .notYetOpen) }
    unavailable += failures.values.map {
      UnavailableBlock(meta: $0.meta, reason: .cannotBeOpened($0.reason))
    }
    published.publish(
      BlockSetSnapshot(loaded.values, unavailable: unavailable, announced: announced))
  }

  private func report(_ catalog: CatalogSnapshot) {
    if isFirst, catalog.entries.isEmpty {
      logger.warning(
        "the bucket holds no blocks; is it the right one?", metadata: ["bucket": "\(bucketName)"])
    }
    logger.info("serving blocks", metadata: ["count": "\(loaded.count)"])
  }

  /// Stops serving a block that is gone from the bucket.
  func forget(_ id: BlockID) {
    guard drop([id]) > 0 else { return }
    publish()
    // What has taken its place is not known yet.
    requests.request()
  }

  func look(at id: BlockID) async -> Recheck {
    let view = await fetcher.look(at: [id])
    if let part = view.gap?.parts.first(where: { $0.id == id }) { return .unknown(part.reason) }
    let isGone =
      !view.directories.contains(id)
      || view.snapshot.partials.contains { $0.id == id && $0.state == .noMeta }
    return isGone ? .gone : .present
  }

  // MARK: - Opening

  private struct Opened: Sendable {
    var meta: BlockMeta
    var block: Result<LoadedBlock, BlockError>
    var duration: Duration
  }

  private enum Step: Sendable {
    case opened(Opened)
    case timeToPublish
  }

  private func load(_ metas: [BlockMeta]) async {
    guard !metas.isEmpty else { return }
    let (opener, interval) = (opener, publishInterval)
    await withTaskGroup(of: Step.self) { group in
      var rest = metas[...]
      var runningCount = 0
      func startNext() {
        guard !Task.isCancelled, let meta = rest.popFirst() else { return }
        runningCount += 1
        group.addTask { .opened(await Self.open(meta, opener)) }
      }
      func startClock() {
        group.addTask {
          try? await Task.sleep(for: interval)
          return .timeToPublish
        }
      }
      for _ in 0..<concurrency { startNext() }
      startClock()
      var isPublished = true
      while runningCount > 0, let step = await group.next() {
        switch step {
        case .opened(let result):
          runningCount -= 1
          note(result)
          isPublished = false
          startNext()
        case .timeToPublish:
          if !isPublished { publish() }
          isPublished = true
          startClock()
        }
      }
      group.cancelAll()
    }
    // A cancelled load leaves blocks behind.
    for meta in metas { waiting[meta.id] = nil }
  }

  private static func open(_ meta: BlockMeta, _ opener: BlockOpener) async -> Opened {
    let start = ContinuousClock.now
    let block: Result<LoadedBlock, BlockError> =
      if BlockSelection.resolutions.contains(meta.resolution) {
        await opener(meta)
      } else {
        // No request ever chooses it.
        .failure(
          BlockError(
            .malformed, path: BlockMeta.fileName, section: "downsample.resolution",
            detail: "is \(meta.resolution), only 0, 300000 and 3600000 are known"))
      }
    return Opened(meta: meta, block: block, duration: ContinuousClock.now - start)
  }

  private func note(_ result: Opened) {
    let id = result.meta.id
    // Gone meanwhile.
    guard waiting.removeValue(forKey: id) != nil else { return }
    metrics.loads.increment()
    metrics.loadDuration.observe(result.duration)
    switch result.block {
    case .success(let block):
      loaded[id] = block
      failures[id] = nil
      metrics.lastLoaded.set(Double(WallClock.milliseconds()) / 1000)
    case .failure(let error):
      metrics.loadFailures.increment()
      let reason = "\(error)"
      if failures[id]?.reason != reason {
        logger.warning(
          "cannot open a block; it is tried again at the next sync",
          metadata: ["block": "\(id)", "error": "\(reason)"])
      }
      failures[id] = (result.meta, reason)
    }
  }
}
