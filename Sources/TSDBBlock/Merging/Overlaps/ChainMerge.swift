/// The samples of overlapping chunks in order of time, each time once.
///
/// As Prometheus' chain iterator: it stays with a chunk as long as that has the smallest time, and
/// skips samples of the time it has just given.
struct ChainMerge {
  private var entries: [TimeHeap.Entry] = []
  private var positions: [Int] = []

  /// Replaces `picks` by the places of the samples to keep.
  ///
  /// - Parameters:
  ///   - times: of all samples, chunk by chunk.
  ///   - bounds: where each chunk's samples lie.
  mutating func pick(_ times: [Int64], _ bounds: [Range<Int>], into picks: inout [Int]) {
    picks.removeAll(keepingCapacity: true)
    guard !bounds.isEmpty else { return }
    picks.append(contentsOf: repeatElement(0, count: times.count))
    // Two spans of one value's fields would count as one access to it.
    var entries: [TimeHeap.Entry] = []
    var positions: [Int] = []
    swap(&entries, &self.entries)
    swap(&positions, &self.positions)
    entries.removeAll(keepingCapacity: true)
    entries.append(
      contentsOf: repeatElement(TimeHeap.Entry(time: 0, chunk: 0), count: bounds.count))
    positions.removeAll(keepingCapacity: true)
    for bound in bounds { positions.append(bound.lowerBound) }
    var filled = 0
    do {
      // Spans ask for no uniqueness at each access, as arrays do.
      var output = picks.mutableSpan
      var heap = TimeHeap(entries.mutableSpan)
      var positionSpan = positions.mutableSpan
      filled = Self.pick(times.span, bounds.span, &heap, &positionSpan, &output)
    }
    picks.removeLast(picks.count - filled)
    swap(&entries, &self.entries)
    swap(&positions, &self.positions)
  }

  /// Returns how many places it wrote to `output`.
  private static func pick(
    _ times: Span<Int64>, _ bounds: Span<Range<Int>>, _ heap: inout TimeHeap,
    _ positions: inout MutableSpan<Int>, _ output: inout MutableSpan<Int>
  ) -> Int {
    for chunk in 1..<max(1, bounds.count) where !bounds[chunk].isEmpty {
      heap.push(time: times[bounds[chunk].lowerBound], chunk: chunk)
    }
    var filled = 0
    var current = 0
    var position = bounds[0].lowerBound - 1
    var end = bounds[0].upperBound
    var last: Int64 = 0
    while true {
      position &+= 1
      if position < end {
        let time = times[position]
        if filled > 0, time == last { continue }
        if heap.isEmpty || time < heap.firstTime {
          output[filled] = position
          filled &+= 1
          last = time
          continue
        }
        positions[current] = position
        heap.push(time: time, chunk: current)
      }
      guard !heap.isEmpty else { return filled }
      current = heap.pop()
      position = positions[current]
      end = bounds[current].upperBound
      let time = times[position]
      if filled > 0, time == last { continue }
      output[filled] = position
      filled &+= 1
      last = time
    }
  }
}

/// The chunks of a merge by the time of their next sample; equal ones in the order that Go's
/// `container/heap` gives them, see ``HeadHeap``.
private struct TimeHeap: ~Copyable, ~Escapable {
  struct Entry {
    var time: Int64
    var chunk: Int
  }

  private var entries: MutableSpan<Entry>
  private var count = 0

  /// - Parameter entries: room for every chunk.
  @_lifetime(copy entries)
  init(_ entries: consuming MutableSpan<Entry>) { self.entries = entries }

  var isEmpty: Bool { count == 0 }
  var firstTime: Int64 { entries[0].time }

  @inline(__always)
  mutating func push(time: Int64, chunk: Int) {
    var child = count
    count &+= 1
    while child > 0 {
      let parent = (child &- 1) / 2
      guard time < entries[parent].time else { break }
      entries[child] = entries[parent]
      child = parent
    }
    entries[child] = Entry(time: time, chunk: chunk)
  }

  /// - Precondition: not empty.
  @inline(__always)
  mutating func pop() -> Int {
    let top = entries[0].chunk
    count &-= 1
    let moved = entries[count]
    var parent = 0
    while true {
      var child = 2 &* parent &+ 1
      guard child < count else { break }
      if child &+ 1 < count, entries[child &+ 1].time < entries[child].time { child &+= 1 }
      guard entries[child].time < moved.time else { break }
      entries[parent] = entries[child]
      parent = child
    }
    if count > 0 { entries[parent] = moved }
    return top
  }
}
