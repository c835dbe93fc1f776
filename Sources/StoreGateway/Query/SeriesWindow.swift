internal import StoreAPI
internal import TSDBBlock

/// A few hundred decoded series of one block in flat arrays that are reused from window to window.
struct SeriesWindow {
  /// Final labels of every series in the form of ``WireLabels``, one after the other.
  var labels: [UInt8] = []
  private var labelEnds: [Int] = []
  var chunks: [ChunkSpan] = []
  private var chunkEnds: [Int] = []

  var count: Int { labelEnds.count }

  func labelRange(at index: Int) -> Range<Int> {
    (index == 0 ? 0 : labelEnds[index &- 1])..<labelEnds[index]
  }

  func chunkRange(at index: Int) -> Range<Int> {
    (index == 0 ? 0 : chunkEnds[index &- 1])..<chunkEnds[index]
  }

  /// Calls `body` with the labels of the series at `index`, in wire form.
  func withLabels<Result>(at index: Int, _ body: (RawSpan) -> Result) -> Result {
    body(labels.rawSpan.extracting(labelRange(at: index)))
  }

  /// As ``withLabels(at:_:)`` for the labels appended since the last series ended.
  func withUnfinishedLabels<Result>(_ body: (RawSpan) -> Result) -> Result {
    body(labels.rawSpan.extracting((labelEnds.last ?? 0)..<labels.count))
  }

  /// Makes one series of everything appended to `labels` and `chunks` since the last one.
  mutating func endSeries() {
    labelEnds.append(labels.count)
    chunkEnds.append(chunks.count)
  }

  /// Forgets what was appended since the last ``endSeries()``.
  mutating func dropUnfinished() {
    labels.removeSubrange((labelEnds.last ?? 0)...)
    chunks.removeSubrange((chunkEnds.last ?? 0)...)
  }

  /// Forgets the chunks of the last series, the only one that may have any.
  mutating func forgetLastChunks() {
    chunks.removeAll(keepingCapacity: true)
    if !chunkEnds.isEmpty { chunkEnds[chunkEnds.count - 1] = 0 }
  }

  mutating func removeAll() {
    labels.removeAll(keepingCapacity: true)
    labelEnds.removeAll(keepingCapacity: true)
    chunks.removeAll(keepingCapacity: true)
    chunkEnds.removeAll(keepingCapacity: true)
  }

  /// Keeps the series at `kept` only, in that order.
  mutating func keep(_ kept: [Int]) {
    var survivor = SeriesWindow()
    for index in kept {
      survivor.labels.append(contentsOf: labels[labelRange(at: index)])
      survivor.chunks.append(contentsOf: chunks[chunkRange(at: index)])
      survivor.endSeries()
    }
    removeAll()
    labels.append(contentsOf: survivor.labels)
    labelEnds.append(contentsOf: survivor.labelEnds)
    chunks.append(contentsOf: survivor.chunks)
    chunkEnds.append(contentsOf: survivor.chunkEnds)
  }

  /// Order of the labels of two series, which may lie in different windows.
  static func compare(
    _ left: borrowing SeriesWindow, _ leftIndex: Int, _ right: borrowing SeriesWindow,
    _ rightIndex: Int
  ) -> Int {
    WireLabels.compare(
      left.labels.rawSpan.extracting(left.labelRange(at: leftIndex)),
      right.labels.rawSpan.extracting(right.labelRange(at: rightIndex)))
  }
}
