/// The aggregates of one series, window by window, as columns.
struct FloatWindows {
  private(set) var timestamps: [Int64] = []
  private(set) var counts: [UInt64] = []
  private(set) var sums: [UInt64] = []
  private(set) var minima: [UInt64] = []
  private(set) var maxima: [UInt64] = []
  /// The counter since the first sample, with what it had before each reset added.
  private(set) var counters: [UInt64] = []

  mutating func removeAll() {
    timestamps.removeAll(keepingCapacity: true)
    counts.removeAll(keepingCapacity: true)
    sums.removeAll(keepingCapacity: true)
    minima.removeAll(keepingCapacity: true)
    maxima.removeAll(keepingCapacity: true)
    counters.removeAll(keepingCapacity: true)
  }

  /// Replaces the windows by those of the samples `range`, which are not negative in time.
  ///
  /// - Parameter skipsNaN: whether NaNs are no samples; stale markers never are. With it the
  ///   minimum and maximum of a window are those of its numbers.
  mutating func aggregate(
    _ samples: SampleColumns, _ range: Range<Int>, resolution: Int64, skipsNaN: Bool
  ) {
    removeAll()
    guard let last = range.last else { return }
    let lastTime = samples.timestamps[last]
    let times = samples.timestamps.span
    let values = samples.values.span
    var end: Int64 = -1
    var window = Window()
    var counter = Counter()
    var index = range.lowerBound
    while index < range.upperBound {
      if Self.isSkipped(values[index], skipsNaN) {
        index &+= 1
        continue
      }
      if end >= 0 { append(end, window, counter) }
      window = Window()
      // What is behind the batch belongs to the next one.
      end = min(DownsampleWindows.end(of: times[index], resolution), lastTime)
      repeat {
        let bits = values[index]
        if !Self.isSkipped(bits, skipsNaN) {
          let value = Double(bitPattern: bits)
          window.add(value)
          counter.add(value)
        }
        index &+= 1
      } while index < range.upperBound && times[index] <= end
    }
    append(end, window, counter)
  }

  @inline(__always)
  private static func isSkipped(_ bits: UInt64, _ skipsNaN: Bool) -> Bool {
    Double(bitPattern: bits).isNaN && (skipsNaN || bits == SampleValue.staleMarker)
  }

  private mutating func append(_ time: Int64, _ window: Window, _ counter: Counter) {
    timestamps.append(time)
    counts.append(Double(window.count).bitPattern)
    sums.append(window.sum.bitPattern)
    minima.append(window.minimum.bitPattern)
    maxima.append(window.maximum.bitPattern)
    counters.append(counter.total.bitPattern)
  }

  private struct Window {
    var count = 0
    var sum = 0.0
    var minimum = Double.greatestFiniteMagnitude
    var maximum = -Double.greatestFiniteMagnitude

    @inline(__always)
    mutating func add(_ value: Double) {
      count &+= 1
      sum += value
      // No branch is taken on values, which nobody can foresee.
      minimum = value < minimum ? value : minimum
      maximum = value > maximum ? value : maximum
    }
  }

  private struct Counter {
    var total = 0.0
    private var last = 0.0
    private var isEmpty = true

    @inline(__always)
    mutating func add(_ value: Double) {
      if isEmpty {
        total = value
        isEmpty = false
      } else {
        // The first value behind a reset counts from zero.
        total += value - (value < last ? 0 : last)
      }
      last = value
    }
  }
}
