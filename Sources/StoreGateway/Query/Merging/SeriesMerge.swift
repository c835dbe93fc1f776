internal import StoreAPI
internal import TSDBBlock

/// Merges the sorted series of several blocks by a binary heap of cursors.
struct SeriesMerge {
  private let cursors: [BlockCursor]
  /// Positions in `cursors`; the one whose series comes first is at the top. Of cursors with equal
  /// labels the one with the lower position is above.
  private var heap: [Int] = []

  /// - Parameter cursors: Each must stand at its first series or at its end.
  init(_ cursors: [BlockCursor]) {
    self.cursors = cursors
    heap = cursors.indices.filter { !cursors[$0].isAtEnd }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
  }

  /// The cursor that stands at the first of all remaining series.
  var top: BlockCursor? { heap.first.map { cursors[$0] } }

  /// Puts the top cursor, which has moved, where it belongs now.
  mutating func settleTop() {
    guard let first = heap.first else { return }
    if cursors[first].isAtEnd {
      let last = heap.removeLast()
      guard !heap.isEmpty else { return }
      heap[0] = last
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
    let order = cursors[left].compare(cursors[right])
    return order != 0 ? order < 0 : left < right
  }
}
