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
  /// Memory of what was fetched for the window.
  private var charges: BlockCharges?

  private var numbers = OwnerNumbers()

  init(
    _ opened: OpenedBlock, depth: Int, limit: Int?, context: RequestContext,
    executor: (any TaskExecutor)?
  ) {
    pipeline = WindowPipeline(
      opened, depth: depth, limit: limit, context: context, executor: executor)
    holdBack = opened.needsHoldBack ? HoldBack() : nil
  }

  var isAtEnd: Bool { position >= order.count && !hasMore }

  /// Moves to the first series of the next window, or to the end.
  func nextWindow(_ log: inout QueryLog) async throws {
    order.removeAll(keepingCapacity: true)
    position = 0
    numbers.forget()
    while order.isEmpty, hasMore {
      guard var next = try await pipeline.next() else {
        hasMore = false
        holdBack?.finish(released: &order)
        return
      }
      log.take(&next)
      let fresh = next.window.count
      holdBack?.carryOver(from: window, to: &next.window)
      // Not through the field, which would be copied for every series.
      let window = next.window
      self.window = window
      charges = next.charges
      if var held = holdBack {
        for index in 0..<fresh { held.admit(index, in: window, released: &order) }
        holdBack = held
      } else {
        order.append(contentsOf: 0..<fresh)
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

  /// Labels of all series of the window, in wire form.
  var labels: [UInt8] { window.labels }

  /// The current series' part of ``labels``.
  var labelRange: Range<Int> { window.labelRange(at: order[position]) }

  /// Adds the chunks of the current series to `collector`.
  ///
  /// - Parameter number: Of the batch, different for every one.
  func collectChunks(
    into collector: inout ChunkCollector, owners batch: inout SeriesBatch, number: Int
  ) {
    numbers.begin(batch: number, ownerCount: window.owners.count)
    // Through the field, and not a copy, which would cost as much as the chunks of a short series.
    window.collectChunks(
      at: order[position], into: &collector, numbers: &numbers, owners: &batch)
  }
}

// MARK: - The only block

extension BlockCursor {
  /// Adds series to `batch` as long as they are alone with their labels and the window has more.
  ///
  /// For when no other block has series left: nothing is to be compared then but neighbours.
  ///
  /// - Parameters:
  ///   - count: How many series to add at most.
  ///   - byteCount: When to stop before that.
  ///   - wantsChunks: Whether a series without chunks is left out.
  ///   - number: Of the batch, different for every one.
  /// - Returns: How many were added. The cursor stands at the first that was not; the last one of a
  ///   window, which may go on in the next, is left to others.
  func appendRun(
    to batch: inout SeriesBatch, count: Int, byteCount: Int, wantsChunks: Bool, number: Int
  ) -> Int {
    let window = window
    let order = order
    var position = position
    var added = 0
    numbers.begin(batch: number, ownerCount: window.owners.count)
    while added < count, position &+ 1 < order.count, batch.byteCount < byteCount {
      let series = order[position]
      let labels = window.labelRange(at: series)
      let next = window.labelRange(at: order[position &+ 1])
      if labels.count == next.count,
        ByteOrder.equal(
          window.labels.rawSpan.extracting(labels), window.labels.rawSpan.extracting(next))
      {
        break
      }
      let chunks = window.chunkRange(at: series)
      if wantsChunks {
        guard window.hasStrictlyOrderedChunks(chunks) else { break }
        guard !chunks.isEmpty else {
          position &+= 1
          continue
        }
      }
      batch.appendSeries(labels: window.labels.rawSpan.extracting(labels))
      window.appendChunks(at: series, to: &batch, numbers: &numbers)
      added &+= 1
      position &+= 1
    }
    self.position = position
    return added
  }
}
