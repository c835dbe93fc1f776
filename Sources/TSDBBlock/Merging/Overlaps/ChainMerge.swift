/// The samples of overlapping chunks in order of time, each time once.
///
/// As Prometheus' chain iterator: it stays with a chunk as long as that has the smallest time, and
/// skips samples of the time it has just given.
struct ChainMerge {
  private var heap = TimeHeap()
  private var positions: [Int] = []

  /// Appends the places of the samples to keep.
  ///
  /// - Parameters:
  ///   - times: of all samples, chunk by chunk.
  ///   - bounds: where each chunk's samples lie.
  mutating func pick(_ times: [Int64], _ bounds: [Range<Int>], into picks: inout [Int]) {
    guard !bounds.isEmpty else { return }
    var heap = TimeHeap()
    var positions: [Int] = []
    swap(&heap, &self.heap)
    swap(&positions, &self.positions)
    defer {
      swap(&heap, &self.heap)
      swap(&positions, &self.positions)
    }
    heap.removeAll()
    positions.removeAll(keepingCapacity: true)
    for bound in bounds { positions.append(bound.lowerBound) }
    for (chunk, bound) in bounds.enumerated().dropFirst() where !bound.isEmpty {
      heap.push(time: times[bound.lowerBound], chunk: chunk)
    }
    var current = 0
    var position = bounds[0].lowerBound - 1
    var end = bounds[0].upperBound
    var last: Int64?
    while true {
      position += 1
      if position < end {
        let time = times[position]
        if time == last { continue }
        if heap.isEmpty || time < heap.firstTime {
          picks.append(position)
          last = time
          continue
        }
        positions[current] = position
        heap.push(time: time, chunk: current)
      }
      guard let next = heap.pop() else { return }
      current = next
      position = positions[current]
      end = bounds[current].upperBound
      let time = times[position]
      guard time != last else { continue }
      picks.append(position)
      last = time
    }
  }
}

/// The chunks of a merge by the time of their next sample; equal ones in the order that Go's
/// `container/heap` gives them, see ``HeadHeap``.
private struct TimeHeap {
  private struct Entry {
    var time: Int64
    var chunk: Int
  }

  private var entries: [Entry] = []

  var isEmpty: Bool { entries.isEmpty }
  var firstTime: Int64 { entries[0].time }

  mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

  @inline(__always)
  mutating func push(time: Int64, chunk: Int) {
    let entry = Entry(time: time, chunk: chunk)
    entries.append(entry)
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard time < entries[parent].time else { break }
      entries[child] = entries[parent]
      child = parent
    }
    entries[child] = entry
  }

  @inline(__always)
  mutating func pop() -> Int? {
    guard let top = entries.first, let moved = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return top.chunk }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].time < entries[child].time { child += 1 }
      guard entries[child].time < moved.time else { break }
      entries[parent] = entries[child]
      parent = child
    }
    entries[parent] = moved
    return top.chunk
  }
}
