internal import StoreAPI
internal import TSDBBlock

/// Merges the sorted series of several blocks by a binary heap of cursors.
///
/// What comparing needs lies beside the heap, in one array, and not behind references.
struct SeriesMerge {
  private struct Head {
    /// Of the window the cursor stands in.
    var labels: [UInt8] = []
    /// The current series' part of them.
    var range = 0..<0

    func append(to batch: inout SeriesBatch) {
      batch.appendSeries(labels: labels.rawSpan.extracting(range))
    }

    func continues(_ batch: borrowing SeriesBatch) -> Bool {
      batch.lastSeriesHas(labels: labels.rawSpan.extracting(range))
    }

    static func compare(_ left: borrowing Head, _ right: borrowing Head) -> Int {
      WireLabels.compare(
        left.labels.rawSpan.extracting(left.range), right.labels.rawSpan.extracting(right.range))
    }
  }

  private let cursors: [BlockCursor]
  private var heads: [Head]
  /// Positions in `cursors`; the one whose series comes first is at the top. Of cursors with equal
  /// labels the one with the lower position is above.
  private var heap: [Int] = []

  /// - Parameter cursors: Each must stand at its first series or at its end.
  init(_ cursors: [BlockCursor]) {
    self.cursors = cursors
    heads = cursors.map { $0.isAtEnd ? Head() : Head(labels: $0.labels, range: $0.labelRange) }
    heap = cursors.indices.filter { !cursors[$0].isAtEnd }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
  }

  /// The cursor that stands at the first of all remaining series.
  var top: BlockCursor? { heap.first.map { cursors[$0] } }

  /// The only cursor that is not at its end.
  var single: BlockCursor? { heap.count == 1 ? cursors[heap[0]] : nil }

  /// Begins a series with the labels at the top.
  func beginSeries(in batch: inout SeriesBatch) {
    heads[heap[0]].append(to: &batch)
  }

  /// Whether the labels at the top are those of the last series of `batch`.
  func continuesLastSeries(of batch: borrowing SeriesBatch) -> Bool {
    guard let top = heap.first else { return false }
    return heads[top].continues(batch)
  }

  /// Puts the top cursor, which has moved within its window, where it belongs now.
  mutating func settleTop() {
    guard let first = heap.first else { return }
    heads[first].range = cursors[first].labelRange
    siftDown(0)
  }

  /// As ``settleTop()`` after the cursor went to its next window, or to its end.
  mutating func settleTopInNewWindow() {
    guard let first = heap.first else { return }
    if cursors[first].isAtEnd {
      heads[first] = Head()
      let last = heap.removeLast()
      guard !heap.isEmpty else { return }
      heap[0] = last
    } else {
      heads[first] = Head(labels: cursors[first].labels, range: cursors[first].labelRange)
    }
    siftDown(0)
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while true {
      var child = 2 &* parent &+ 1
      guard child < heap.count else { return }
      if child &+ 1 < heap.count, precedes(heap[child &+ 1], heap[child]) { child &+= 1 }
      guard precedes(heap[child], heap[parent]) else { return }
      heap.swapAt(parent, child)
      parent = child
    }
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    let order = Head.compare(heads[left], heads[right])
    return order != 0 ? order < 0 : left < right
  }
}
