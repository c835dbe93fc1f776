/// The samples of overlapping chunks in order of time, each time once.
///
/// As Prometheus' chain iterator: it stays with a chunk as long as that has the smallest time, and
/// skips samples of the time it has just given.
struct ChainMerge {
  private var heap = HeadHeap()
  private var positions: [Int] = []

  /// Appends the picks from chunks with these times.
  mutating func pick(_ times: [[Int64]], into runs: inout SampleRuns) {
    guard !times.isEmpty else { return }
    var heap = HeadHeap()
    swap(&heap, &self.heap)
    defer { swap(&heap, &self.heap) }
    heap.removeAll()
    var positions = [Int](repeating: 0, count: times.count)
    func precedes(_ left: Int, _ right: Int) -> Bool {
      times[left][positions[left]] < times[right][positions[right]]
    }
    for chunk in times.indices.dropFirst() where !times[chunk].isEmpty {
      heap.push(chunk, precedes)
    }
    var current = 0
    positions[0] = -1
    var last: Int64?
    while true {
      positions[current] += 1
      if positions[current] < times[current].count {
        let time = times[current][positions[current]]
        if time == last { continue }
        guard let top = heap.top, times[top][positions[top]] <= time else {
          runs.append(current, positions[current])
          last = time
          continue
        }
        heap.push(current, precedes)
      }
      guard let next = heap.pop(precedes) else { return }
      current = next
      let time = times[current][positions[current]]
      guard time != last else { continue }
      runs.append(current, positions[current])
      last = time
    }
  }
}
