/// Decides before which chunks of a series a new segment begins, as Prometheus does.
///
/// A series' chunks form batches that fit a segment. Sizes are estimated with the longest length
/// field, and the first chunk behind a bare header is always placed, so a segment may pass its
/// limit by one giant chunk and is cut a few bytes early otherwise.
struct SegmentCut {
  let byteCountLimit: Int

  /// - Parameter position: bytes in the open segment, 0 when none is open.
  /// - Returns: positions in `payloadByteCounts`, increasing.
  func cuts(before payloadByteCounts: [Int], position: Int) -> [Int] {
    var cuts: [Int] = []
    var batch = 0
    var isFirstBatch = true
    for (index, payload) in payloadByteCounts.enumerated() {
      let record = payload + SegmentFormat.recordOverhead
      batch += record
      let isFull: Bool
      if isFirstBatch && position > SegmentFormat.headerByteCount {
        isFull = batch + position > byteCountLimit
        if isFull { isFirstBatch = false }
      } else {
        isFull = index != 0 && batch + SegmentFormat.headerByteCount > byteCountLimit
      }
      if isFull {
        cuts.append(index)
        batch = record
      }
    }
    return cuts
  }
}
