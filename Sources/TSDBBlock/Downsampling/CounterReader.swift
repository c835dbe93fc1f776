/// Reads the counter of a series over chunks in order, raw ones or the counter parts of aggregates,
/// as one that never begins anew.
///
///     stored   10 20 10 20 | 5*   5 10     5*: a repeated time, the true last value of the chunk
///     read     10 20 30 40       40 45     so the 5 that follows is no reset
///
/// Stale markers and other NaNs are left out, as is what goes back in time. Histograms are passed
/// on as they are. Source: `ApplyCounterResetsSeriesIterator` of Thanos.
public struct CounterReader {
  /// A sample of the series.
  public enum Sample: Equatable, Sendable {
    /// A float, counted on over resets.
    case float(time: Int64, value: Double)
    /// A histogram, to be found at this place.
    case histogram(time: Int64, chunk: Int, index: Int)
  }

  private let chunks: [ChunkColumns]
  private var chunk = 0
  private var index = -1
  private var isEmpty = true
  private var lastTime: Int64 = 0
  private var total = 0.0
  private var current: Sample?
  /// The last value as it was stored, which a sample behind it is to be compared with.
  public private(set) var lastStoredValue = 0.0

  /// - Parameter chunks: in order of time; they may overlap.
  public init(_ chunks: [ChunkColumns]) { self.chunks = chunks }

  /// The next sample; nil at the end.
  public mutating func next() -> Sample? {
    // A chunk may begin before the last one ended.
    var earliest = Int64.min
    while chunk < chunks.count {
      index += 1
      guard index < chunks[chunk].count else {
        chunk += 1
        index = -1
        current = nil
        earliest = lastTime == .max ? .max : lastTime + 1
        continue
      }
      if let sample = read(), lastTime >= earliest {
        current = sample
        return sample
      }
    }
    return nil
  }

  /// Goes on to the first sample at or behind `time`; where the current one is, it stays. Nothing
  /// is current before the first ``next()``, which counts as a time of 0.
  public mutating func seek(to time: Int64) -> Sample? {
    while lastTime < time {
      guard next() != nil else { return nil }
    }
    return current
  }

  /// The sample at the place reached; nil when it is none of the series.
  private mutating func read() -> Sample? {
    guard chunks[chunk].kind == .floats else {
      lastTime = chunks[chunk].histograms.timestamps[index]
      return .histogram(time: lastTime, chunk: chunk, index: index)
    }
    let time = chunks[chunk].floats.timestamps[index]
    let value = Double(bitPattern: chunks[chunk].floats.values[index])
    guard !value.isNaN else { return nil }
    if isEmpty {
      isEmpty = false
      total = value
    } else if time > lastTime {
      total += value >= lastStoredValue ? value - lastStoredValue : value
    } else {
      // The true last value, unless the series went back.
      if time == lastTime { lastStoredValue = value }
      return nil
    }
    lastTime = time
    lastStoredValue = value
    return .float(time: time, value: total)
  }
}
