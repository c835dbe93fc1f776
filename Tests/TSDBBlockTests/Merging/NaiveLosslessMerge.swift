@testable internal import TSDBBlock

/// The rule of ``LosslessMerge`` in its slow, obvious form: one sample after the other, every
/// question answered by looking at everything.
enum NaiveLosslessMerge {
  struct Sample: Hashable {
    var time: Int64
    var bits: UInt64

    var isStale: Bool { bits == SampleValue.staleMarker }
    var value: Double { Double(bitPattern: bits) }
  }

  static func merge(_ replicas: [[Sample]]) -> [Sample] {
    let sorted = replicas.enumerated().sorted {
      ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
    }.map(\.element)
    guard var result = sorted.first else { return [] }
    for other in sorted.dropFirst() where !other.isEmpty {
      result = fill(result, from: other, sorted)
    }
    return result
  }

  private static func fill(
    _ followed: [Sample], from other: [Sample], _ all: [[Sample]]
  ) -> [Sample] {
    let kept = followed.indices.filter { index in
      let sample = followed[index]
      guard sample.isStale else { return true }
      guard let live = other.firstIndex(where: { $0.time >= sample.time && !$0.isStale }) else {
        return true
      }
      return other[live].time - sample.time > interval(all, at: sample.time)
    }
    var output: [Sample] = []
    let edges: [Int?] = [nil] + kept.map { $0 } + [nil]
    for (last, index) in zip(edges, edges.dropFirst()) {
      for taken in hole(followed, last, index, other, all) {
        if taken.sample.isStale {
          if output.last?.isStale == true { continue }
          if let index, !followed[index].isStale,
            followed[index].time - taken.sample.time <= taken.interval
          {
            continue
          }
        }
        output.append(taken.sample)
      }
      if let index { output.append(followed[index]) }
    }
    return output
  }

  private static func hole(
    _ followed: [Sample], _ last: Int?, _ index: Int?, _ other: [Sample],
    _ all: [[Sample]]
  ) -> [(sample: Sample, interval: Int64)] {
    let start = last.map { followed[$0].time }
    let end = index.map { followed[$0].time }
    let inside = other.indices.filter {
      other[$0].time > (start ?? .min) && other[$0].time < (end ?? .max)
    }
    guard !inside.isEmpty, let edge = start ?? end else { return [] }
    let interval = interval(all, at: edge)
    let longest = interval + interval / 2
    if let start, let end, end - start <= longest { return [] }
    let (earliest, latest) = (other[0].time, other[other.count - 1].time)
    let ends = interval + interval / 4
    if end == nil, let start, latest - start <= ends { return [] }
    if start == nil, let end, end - earliest <= ends { return [] }
    func isFar(_ index: Int, _ distance: Int64) -> Bool {
      (start.map { other[index].time - $0 >= distance } ?? true)
        && (end.map { $0 - other[index].time >= distance } ?? true)
    }
    var taken = inside.filter { isFar($0, interval / 2) }
    // Those in front of the taken ones, or of all that comes once the start is far.
    let early = inside.filter { place in
      start.map { other[place].time - $0 < interval / 2 } ?? false
    }
    if let start, let nearest = early.last, nearest + 1 < other.count,
      other[nearest + 1].time - other[nearest].time <= longest,
      other[nearest].time - start >= interval / 4,
      let following = taken.first.map({ other[$0].time }) ?? end, following - start > longest
    {
      taken.insert(nearest, at: 0)
    }
    let late = inside.filter { place in
      !early.contains(place) && (end.map { $0 - other[place].time < interval / 2 } ?? false)
    }
    if let end, let nearest = late.first, nearest > 0,
      other[nearest].time - other[nearest - 1].time <= longest,
      end - other[nearest].time >= interval / 4,
      let preceding = taken.last.map({ other[$0].time }) ?? start, end - preceding > longest
    {
      taken.append(nearest)
    }
    taken = withoutFalls(followed, last, index, other, taken)
    return taken.map { (other[$0], interval) }
  }

  /// Without what would make a counter fall at an edge of the hole.
  private static func withoutFalls(
    _ followed: [Sample], _ last: Int?, _ index: Int?, _ other: [Sample], _ taken: [Int]
  ) -> [Int] {
    var taken = taken
    func rises(_ own: ArraySlice<Sample>, _ edge: Int) -> Bool {
      let others = other[max(0, edge - 4)..<min(edge + 5, other.count)]
      guard own.count >= 3, own.count + others.count >= 8, let first = own.first?.value,
        let final = own.last?.value, first < final
      else { return false }
      return [own, others].allSatisfy { samples in
        samples.allSatisfy { !$0.value.isNaN }
          && zip(samples, samples.dropFirst()).allSatisfy { $0.value <= $1.value }
      }
    }
    if let last, let first = taken.first, first > 0 {
      let level = followed[last].value
      let behind = taken.prefix { other[$0].value < level }
      if !behind.isEmpty, behind.count <= 4, rises(followed[max(0, last - 7)...last], first),
        behind.count < taken.count || index.map({ followed[$0].value >= level }) ?? false
      {
        taken.removeFirst(behind.count)
      }
    }
    if let index, let final = taken.last, final + 1 < other.count {
      let level = followed[index].value
      let ahead = taken.reversed().prefix { other[$0].value > level }
      if !ahead.isEmpty, ahead.count <= 4,
        rises(followed[index..<min(index + 8, followed.count)], final + 1),
        ahead.count < taken.count || last.map({ followed[$0].value <= level }) ?? false
      {
        taken.removeLast(ahead.count)
      }
    }
    return taken
  }

  /// The smallest of the replicas that have samples before and behind a time.
  private static func interval(_ replicas: [[Sample]], at time: Int64) -> Int64 {
    func value(_ time: Int64) -> Int64? {
      replicas.compactMap { samples in
        samples.lastIndex { $0.time <= time }.flatMap { interval(samples, behind: $0) }
      }.min()
    }
    let times = replicas.filter { $0.count > 1 }.flatMap { $0.map(\.time) }.sorted()
    for earlier in times.reversed() where earlier <= time {
      if let value = value(earlier) { return value }
    }
    return times.first.flatMap { value($0) } ?? 0
  }

  private static func interval(_ samples: [Sample], behind index: Int) -> Int64? {
    let distances = zip(samples, samples.dropFirst()).map { $1.time - $0.time }
    guard index < distances.count else { return nil }
    let end = min(index / 16 * 16 + 16, distances.count)
    let window = distances[max(0, end - 16)..<end].sorted()
    let isEven = window[window.count - 1] <= window[0] + window[0] / 2
    return isEven ? window[0] : window[window.count / 4]
  }
}
