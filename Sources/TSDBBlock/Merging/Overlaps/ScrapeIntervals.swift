/// How often the replicas of a series are scraped, estimated from their samples.
///
///     distances  15 15 15 15 │ 15 15 45 3 12 …       sixteen that are even: the smallest
///     interval        15     │       15              uneven: the lower quartile, which neither
///                                                    missed scrapes nor a moved offset disturb
///     at a time  the smallest of the replicas that have samples then: a step function
struct ScrapeIntervals {
  /// Distances that share an estimate.
  private static let stretch = 16

  private struct Event {
    var time: Int64
    var replica: Int
    /// From then on, in milliseconds; the largest number behind the last sample.
    var interval: UInt64
  }

  /// Where each step begins; the first one holds before that too.
  private(set) var begins: [Int64] = []
  private(set) var values: [UInt64] = []
  private var events: [Event] = []
  private var window: [UInt64] = []

  /// Replaces the estimates by those of replicas.
  ///
  /// - Parameter replicas: the places of their samples in `times`, in order of increasing time.
  mutating func estimate(_ times: [Int64], _ replicas: [[Int]]) {
    events.removeAll(keepingCapacity: true)
    for (replica, places) in replicas.enumerated() { add(replica, times, places) }
    events.sort { $0.time < $1.time }
    begins.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    var current = [UInt64](repeating: .max, count: replicas.count)
    for (index, event) in events.enumerated() {
      current[event.replica] = event.interval
      if index + 1 < events.count, events[index + 1].time == event.time { continue }
      // Where no replica has samples the last known interval goes on.
      guard let interval = current.min(), interval != .max, interval != values.last else {
        continue
      }
      begins.append(event.time)
      values.append(interval)
    }
  }

  private mutating func add(_ replica: Int, _ times: [Int64], _ places: [Int]) {
    guard let final = places.last, places.count > 1 else { return }
    let last = places.count - 1
    var previous: UInt64?
    for start in stride(from: 0, to: last, by: Self.stretch) {
      // The last stretch may reach back into the one before.
      let end = min(start + Self.stretch, last)
      let interval = interval(times.span, places.span, max(0, end - Self.stretch), end)
      guard interval != previous else { continue }
      previous = interval
      events.append(Event(time: times[places[start]], replica: replica, interval: interval))
    }
    events.append(Event(time: times[final], replica: replica, interval: .max))
  }

  private mutating func interval(
    _ times: Span<Int64>, _ places: Span<Int>, _ start: Int, _ end: Int
  ) -> UInt64 {
    var smallest = UInt64.max
    var largest: UInt64 = 0
    var time = times[places[start]]
    for index in start..<end {
      let next = times[places[index &+ 1]]
      let distance = UInt64(bitPattern: next &- time)
      smallest = min(smallest, distance)
      largest = max(largest, distance)
      time = next
    }
    guard largest > Self.longestDistance(without: smallest) else { return smallest }
    window.removeAll(keepingCapacity: true)
    for index in start..<end {
      window.append(UInt64(bitPattern: times[places[index + 1]] &- times[places[index]]))
    }
    window.sort()
    return window[window.count / 4]
  }

  /// One and a half intervals, the longest distance in which no scrape is missing.
  @inline(__always)
  static func longestDistance(without interval: UInt64) -> UInt64 {
    let (sum, overflow) = interval.addingReportingOverflow(interval / 2)
    return overflow ? .max : sum
  }
}

/// Asks for intervals at times that do not go back.
struct IntervalCursor: ~Escapable {
  private let begins: Span<Int64>
  private let values: Span<UInt64>
  private var position = 0

  @_lifetime(copy begins, copy values)
  init(begins: Span<Int64>, values: Span<UInt64>) {
    self.begins = begins
    self.values = values
  }

  /// 0 when no replica has two samples.
  @inline(__always)
  mutating func interval(at time: Int64) -> UInt64 {
    guard !values.isEmpty else { return 0 }
    while position &+ 1 < begins.count, begins[position &+ 1] <= time { position &+= 1 }
    return values[position]
  }
}
