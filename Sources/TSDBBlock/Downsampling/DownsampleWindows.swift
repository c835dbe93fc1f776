/// How a series is divided when it is downsampled.
///
///     samples   · · ·· ·  · ·· ·    ·· · ·
///     windows  ├────────┼────────┼────────┤     resolution long, aligned to 1970; a window's
///     batches  ├─────────────────┼────────┤     aggregate has the time of its last millisecond
///
/// A batch becomes one chunk. The last window of a batch has the time of its last sample instead.
enum DownsampleWindows {
  /// Aggregates that a chunk should not exceed on average.
  private static let targetSamples = 140
  /// Raw data is taken for one sample a minute, whatever its interval.
  static let assumedRawInterval: Int64 = 60_000

  /// The last millisecond of the window of `time`, which is not negative.
  @inline(__always)
  static func end(of time: Int64, _ resolution: Int64) -> Int64 {
    time &- time % resolution &+ resolution &- 1
  }

  /// How many chunks a series should become, from its times, the intervals before and after, and
  /// how many samples it has.
  static func chunkCount(
    from minTime: Int64, to maxTime: Int64, interval: Int64, resolution: Int64, samples: Int
  ) -> Int {
    let (range, overflow) = maxTime.subtractingReportingOverflow(minTime)
    let length = overflow ? Int64.max : max(range, 0)
    let fullness = min(1, Double(samples) / (Double(length) / Double(interval)))
    // No sample in no time is not a number.
    let windows = fullness.isNaN ? 0 : Double(length / resolution) * fullness
    let expected = Int(windows) + 1
    // The smallest number of chunks that brings the whole part of the average to the target.
    return expected / (targetSamples + 1) + 1
  }

  /// The batches of raw samples with these times, which are not empty.
  static func batches(of times: [Int64], resolution: Int64) -> [Range<Int>] {
    guard let first = times.first, let last = times.last else { return [] }
    let chunkCount = chunkCount(
      from: first, to: last, interval: assumedRawInterval, resolution: resolution,
      samples: times.count)
    let batchSize = times.count / chunkCount + 1
    var batches: [Range<Int>] = []
    var start = 0
    while start < times.count {
      var end = min(start + batchSize, times.count)
      // A window is not divided.
      let window = self.end(of: times[end - 1], resolution)
      while end < times.count, times[end] <= window { end += 1 }
      batches.append(start..<end)
      start = end
    }
    return batches
  }
}
