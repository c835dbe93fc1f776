internal import TSDBBlock

/// The series that several runs have of one window, in order of their labels.
struct WindowSeries {
  private var cursors: [SampleRunCursor]
  private var heap = MergeHeap()
  /// Of the series at hand.
  private(set) var labels = LabelSet()
  /// Of the series at hand, if they were asked for.
  private(set) var samples = SampleColumns()

  init(_ cursors: [SampleRunCursor]) throws(ToolError) {
    self.cursors = cursors
    for run in cursors.indices { try advance(run) }
  }

  /// Moves to the next series; false behind the last one.
  ///
  /// - Throws: ``ToolError`` when it has two values at one time.
  mutating func advance(readsSamples: Bool) throws(ToolError) -> Bool {
    guard let first = heap.top else { return false }
    labels = cursors[first].labels
    samples.removeAll()
    while let run = heap.top, cursors[run].labels == labels {
      _ = heap.pop { Self.order(cursors, $0, $1) }
      if readsSamples {
        try ToolError.telling { () throws(BlockError) in
          try cursors[run].appendSamples(to: &samples)
        }
      }
      try advance(run)
    }
    try samples.sortByTime(of: labels)
    return true
  }

  private mutating func advance(_ run: Int) throws(ToolError) {
    let hasMore = try ToolError.telling { () throws(BlockError) in try cursors[run].advance() }
    if hasMore { heap.push(run) { Self.order(cursors, $0, $1) } }
  }

  private static func order(_ cursors: [SampleRunCursor], _ left: Int, _ right: Int) -> Int {
    let (left, right) = (cursors[left].labels, cursors[right].labels)
    return left == right ? 0 : left < right ? -1 : 1
  }
}
