/// The aggregates of one series, window by window, as columns.
///
///     times    │ 1 │ 2 │ 3 │ … room
///     values   │ counts … │ sums … │ minima … │ maxima … │ counters … │     each as long as times
///
/// The room is that for a window per sample; it is kept for the next series.
struct FloatWindows {
  /// The columns, in their order.
  enum Column: Int, CaseIterable {
    case counts, sums, minima, maxima
    /// The counter since the first sample, with what it had before each reset added.
    case counters
  }

  /// Number of windows.
  private(set) var count = 0
  private var times: [Int64] = []
  private var values: [UInt64] = []

  /// Milliseconds.
  var timestamps: Span<Int64> {
    @_lifetime(borrow self)
    borrowing get { times.span.extracting(0..<count) }
  }

  /// The earliest and the latest time; nil without windows.
  var bounds: ClosedRange<Int64>? {
    let times = timestamps
    guard !times.isEmpty else { return nil }
    var (first, last) = (times[0], times[0])
    for index in times.indices {
      first = min(first, times[index])
      last = max(last, times[index])
    }
    return first...last
  }

  /// Bits of doubles, one for each window.
  @_lifetime(borrow self)
  borrowing func column(_ column: Column) -> Span<UInt64> {
    let start = column.rawValue &* times.count
    return values.span.extracting(start..<start &+ count)
  }

  /// Replaces the windows by those of the samples `range`, which are not negative in time.
  ///
  /// - Parameter skipsNaN: whether NaNs are no samples; stale markers never are. With it the
  ///   minimum and maximum of a window are those of its numbers.
  mutating func aggregate(
    _ samples: SampleColumns, _ range: Range<Int>, resolution: Int64, skipsNaN: Bool
  ) {
    if times.count < range.count {
      times = Array(repeating: 0, count: range.count)
      values = Array(repeating: 0, count: range.count * Column.allCases.count)
    }
    // Two spans of one value's fields would count as one access to it.
    var (times, values): ([Int64], [UInt64]) = ([], [])
    swap(&times, &self.times)
    swap(&values, &self.values)
    do {
      var output = WindowOutput(times.mutableSpan, values.mutableSpan)
      output.aggregate(
        samples.timestamps.span.extracting(range), samples.values.span.extracting(range),
        resolution: resolution, skipsNaN: skipsNaN)
      count = output.count
    }
    swap(&times, &self.times)
    swap(&values, &self.values)
  }
}

/// Windows being made.
private struct WindowOutput: ~Copyable, ~Escapable {
  private var times: MutableSpan<Int64>
  private var values: MutableSpan<UInt64>
  private(set) var count = 0

  @_lifetime(copy times, copy values)
  init(_ times: consuming MutableSpan<Int64>, _ values: consuming MutableSpan<UInt64>) {
    self.times = times
    self.values = values
  }

  @_lifetime(self: copy self)
  mutating func aggregate(
    _ times: Span<Int64>, _ values: Span<UInt64>, resolution: Int64, skipsNaN: Bool
  ) {
    guard !times.isEmpty else { return }
    let lastTime = times[times.count - 1]
    var end: Int64 = -1
    var window = Window()
    var counter = Counter()
    var index = 0
    while index < times.count {
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
      } while index < times.count && times[index] <= end
    }
    append(end, window, counter)
  }

  @inline(__always)
  private static func isSkipped(_ bits: UInt64, _ skipsNaN: Bool) -> Bool {
    Double(bitPattern: bits).isNaN && (skipsNaN || bits == SampleValue.staleMarker)
  }

  @inline(__always)
  @_lifetime(self: copy self)
  private mutating func append(_ time: Int64, _ window: Window, _ counter: Counter) {
    let room = times.count
    times[count] = time
    values[count] = Double(window.count).bitPattern
    values[count &+ room] = window.sum.bitPattern
    values[count &+ 2 &* room] = window.minimum.bitPattern
    values[count &+ 3 &* room] = window.maximum.bitPattern
    values[count &+ 4 &* room] = counter.total.bitPattern
    count &+= 1
  }
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
