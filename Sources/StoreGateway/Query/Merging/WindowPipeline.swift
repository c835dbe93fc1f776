internal import TSDBBlock

/// The windows of one block in their order, some of them made ahead.
///
///     ids      │ 64 │ 128 │ 256 │ 512 │ 512 │ …
///                │    └ handed out └────┴ being made on the executor, at most `depth`
///                └ made while the block was opened
///
/// Windows begin small, so that the first bytes leave early and small answers cost little. When no
/// more series are wanted than fit into the first one, it is as small as that, and none is made
/// ahead: what nobody wants is neither read nor counted. One that was full before its ids ended is
/// followed by one with the rest. When the bucket does not give what one needs it is the last: to wait
/// as long for each of the others would take hours.
final class WindowPipeline {
  private static let firstSize = 64
  private static let lastSize = 512

  private let decoder: WindowDecoder
  private let context: RequestContext
  private let ids: [UInt32]
  private let executor: (any TaskExecutor)?
  private let depth: Int
  private var nextID: Int
  private var size: Int
  /// The window that was made while the block was opened.
  private var first: DecodedWindow?
  /// What the window handed out last left over.
  private var rest: Range<Int>?
  /// Series that match, when conditions were left to be tested; nil once some may be missing.
  private var matched: [UInt32]?
  private var running: [(ids: Range<Int>, task: Task<DecodedWindow, any Error>)] = []

  /// How many ids the first window has.
  ///
  /// - Parameter limit: How many series are wanted at most. One more tells whether the last of them
  ///   goes on.
  static func firstSize(limit: Int?) -> Int {
    guard let limit, limit < firstSize else { return firstSize }
    return limit + 1
  }

  /// - Parameters:
  ///   - depth: How many windows are made ahead.
  ///   - limit: How many series are wanted at most.
  init(
    _ opened: OpenedBlock, depth: Int, limit: Int?, context: RequestContext,
    executor: (any TaskExecutor)?
  ) {
    decoder = opened.decoder
    ids = opened.ids
    matched = opened.areInBlockOrder ? [] : nil
    first = opened.first
    let firstSize = Self.firstSize(limit: limit)
    nextID = min(firstSize, ids.count)
    size = 2 * firstSize
    self.context = context
    self.depth = limit ?? .max < Self.firstSize ? 0 : depth
    self.executor = executor
  }

  deinit {
    for entry in running { entry.task.cancel() }
  }

  /// The next window, nil behind the last one.
  ///
  /// - Throws: ``QueryError``, or `CancellationError` when nobody waits for the answer any more.
  func next() async throws -> DecodedWindow? {
    try Task.checkCancellation()
    if let decoded = first {
      first = nil
      let range = 0..<nextID
      startAhead()
      return settle(range, decoded)
    }
    if let range = rest {
      rest = nil
      return settle(range, try await decoder.decode(ids[range]))
    }
    guard !running.isEmpty else {
      guard let range = takeRange() else {
        if let matched { decoder.remember(matched) }
        matched = nil
        return nil
      }
      startAhead()
      return settle(range, try await decoder.decode(ids[range]))
    }
    let (range, task) = running.removeFirst()
    // It takes the place of the window before.
    context.memory.release(context.windows.byteCount)
    let decoded = try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
    let result = settle(range, decoded)
    startAhead()
    return result
  }

  /// Remembers what a window that was full left over.
  private func settle(_ range: Range<Int>, _ decoded: DecodedWindow) -> DecodedWindow {
    if decoded.damage.isEmpty {
      matched?.append(contentsOf: decoded.matchedIDs)
    } else {
      matched = nil
    }
    guard !decoded.endsBlock else {
      endEarly()
      return decoded
    }
    let end = range.lowerBound + decoded.consumed
    if end < range.upperBound {
      rest = end..<range.upperBound
    }
    return decoded
  }

  /// Gives the rest up. Memory of windows being made stays taken: they may not end at once.
  private func endEarly() {
    for entry in running { entry.task.cancel() }
    running = []
    nextID = ids.count
  }

  /// Starts more windows while there is memory for them: these only make the answer faster.
  private func startAhead() {
    while running.count < depth, nextID < ids.count, context.memory.take(context.windows.byteCount)
    {
      guard let range = takeRange() else { return }
      running.append(start(range))
    }
  }

  private func takeRange() -> Range<Int>? {
    guard nextID < ids.count else { return nil }
    let range = nextID..<min(nextID + size, ids.count)
    nextID = range.upperBound
    size = min(size * 2, Self.lastSize)
    return range
  }

  private func start(_ range: Range<Int>) -> (Range<Int>, Task<DecodedWindow, any Error>) {
    let decoder = decoder
    let slice = ids[range]
    let task = Task(executorPreference: executor) {
      try Task.checkCancellation()
      return try await decoder.decode(slice)
    }
    return (range, task)
  }
}
