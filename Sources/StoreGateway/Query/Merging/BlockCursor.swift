internal import StoreAPI
internal import TSDBBlock

/// Walks the series of one block that a query selects, in the order of their final labels.
///
/// Stands at a series, at the end, or between two windows; then ``nextWindow(_:)`` must be called
/// before anything else.
final class BlockCursor {
  private let pipeline: WindowPipeline
  /// Nil when windows are in final order already.
  private var holdBack: HoldBack?
  private var window = SeriesWindow()
  /// Positions in the window in final order, and which of them is the current one.
  private var order: [Int] = []
  private var position = 0
  private var hasMore = true

  /// The numbers that a batch knows the owners of the window by, -1 for none yet.
  private var ownerNumbers: [Int32] = []
  private var ownersBatch = -1

  init(_ opened: OpenedBlock, depth: Int, executor: (any TaskExecutor)?) {
    pipeline = WindowPipeline(
      opened.decoder, ids: opened.ids, depth: depth, executor: executor)
    holdBack = opened.needsHoldBack ? HoldBack() : nil
  }

  var isAtEnd: Bool { position >= order.count && !hasMore }

  var isBetweenWindows: Bool { position >= order.count && hasMore }

  /// Moves to the first series of the next window, or to the end.
  func nextWindow(_ log: inout QueryLog) async throws {
    order.removeAll(keepingCapacity: true)
    position = 0
    ownersBatch = -1
    while order.isEmpty, hasMore {
      guard var next = try await pipeline.next() else {
        hasMore = false
        holdBack?.finish(released: &order)
        return
      }
      log.take(&next)
      let fresh = next.window.count
      holdBack?.carryOver(from: window, to: &next.window)
      window = next.window
      if holdBack == nil {
        order.append(contentsOf: 0..<fresh)
      } else {
        for index in 0..<fresh { holdBack?.admit(index, in: window, released: &order) }
      }
    }
  }

  /// Moves to the next series of the window.
  ///
  /// - Returns: False when the window has no more.
  func step() -> Bool {
    position &+= 1
    return position < order.count
  }

  /// Order of the current series of two cursors, both at a series.
  func compare(_ other: BlockCursor) -> Int {
    SeriesWindow.compare(
      window, order[position], other.window, other.order[other.position])
  }

  /// Begins a series with the current labels.
  func beginSeries(in batch: inout SeriesBatch) {
    window.withLabels(at: order[position]) { batch.appendSeries(labels: $0) }
  }

  /// Whether the current labels are those of the last series of `batch`.
  func continuesLastSeries(of batch: borrowing SeriesBatch) -> Bool {
    let last = batch.labelRange(at: batch.count - 1)
    let known = batch.labels
    return window.withLabels(at: order[position]) { labels in
      ByteOrder.equal(known.rawSpan.extracting(last), labels)
    }
  }

  /// Adds the chunks of the current series to `collector`.
  ///
  /// - Parameter number: Of the batch, different for every one.
  func collectChunks(
    into collector: inout ChunkCollector, owners batch: inout SeriesBatch, number: Int
  ) {
    let chunks = window.chunkRange(at: order[position])
    guard !chunks.isEmpty else { return }
    if ownersBatch != number {
      ownersBatch = number
      ownerNumbers = [Int32](repeating: -1, count: window.owners.count)
    }
    for index in chunks {
      let chunk = window.chunks[index]
      collector.beginChunk(minTime: chunk.minTime, maxTime: chunk.maxTime)
      for place in window.payloadRange(at: index) {
        var payload = window.payloads[place]
        let owner = Int(payload.owner)
        if ownerNumbers[owner] < 0 { ownerNumbers[owner] = batch.owner(window.owners[owner]) }
        payload.owner = ownerNumbers[owner]
        collector.append(payload)
      }
    }
  }
}
