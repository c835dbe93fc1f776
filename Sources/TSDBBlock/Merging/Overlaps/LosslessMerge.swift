/// The lossless merge of replicas: follows one for the whole series and fills its holes.
///
///     followed  ●──●──●──●──────m──────●──●     hole: longer than 1.5 intervals
///     other      ○──○──○──○──○──○──○──○──○──○   in a hole, and beyond both ends, the samples of
///                        ┊½├─taken─┤½┊          the other, half an interval off the neighbours
///     result    ●──●──●──●───○──○──○───●──●     m: a stale marker while the other is alive
///
/// 1. The replica with the most samples is followed; all its samples stay. The next one fills what
///    it can, the one after that what is left, and so on. Beyond the ends another one adds to them
///    only if it reaches more than an interval and a quarter further.
/// 2. The interval is the smallest one of all replicas there, see ``ScrapeIntervals``. Where it is
///    unknown nothing is too close, and only equal times are one.
/// 3. A sample that is too close is taken nevertheless, if it is a quarter of an interval off and
///    a hole would stay that its replica has not: a moved moment of scraping, or a third replica
///    between two others.
/// 4. A stale marker is dropped when the other replica has a live sample at its time or within the
///    following interval, as is one taken from the other that would follow a marker.
/// 5. Where both replicas count up and the other is behind, its samples at the edge of a hole which
///    would make the counter fall are left out, see ``CounterEdges``.
struct LosslessMerge {
  private var intervals = ScrapeIntervals()

  /// Replaces `picks` by the places of the samples to keep, in order of time, each time once.
  ///
  /// - Parameters:
  ///   - times: of all samples, lane by lane.
  ///   - levels: likewise, see ``ReplicaSamples``.
  ///   - lanes: where each replica's samples lie.
  /// - Complexity: O(lanes · samples), O(samples · log samples) for lanes out of order.
  mutating func pick(
    _ times: [Int64], _ levels: [UInt64], _ lanes: [Range<Int>], into picks: inout [Int]
  ) {
    picks.removeAll(keepingCapacity: true)
    let order = lanes.indices.sorted { (-lanes[$0].count, $0) < (-lanes[$1].count, $1) }
    let replicas = order.filter { !lanes[$0].isEmpty }.map { Self.sorted(times, lanes[$0]) }
    guard var followed = replicas.first else { return }
    intervals.estimate(times, replicas)
    let (begins, values) = (intervals.begins, intervals.values)
    for other in replicas.dropFirst() {
      picks.removeAll(keepingCapacity: true)
      picks.reserveCapacity(followed.count)
      var filling = ReplicaFilling(
        ReplicaSamples(times: times.span, levels: levels.span, places: followed.span),
        ReplicaSamples(times: times.span, levels: levels.span, places: other.span),
        IntervalCursor(begins: begins.span, values: values.span))
      filling.run(into: &picks)
      swap(&followed, &picks)
    }
    swap(&followed, &picks)
  }

  /// The places of a lane in order of time; of equal times the first one stays.
  private static func sorted(_ times: [Int64], _ lane: Range<Int>) -> [Int] {
    var places = Array(lane)
    let column = times.span
    var isIncreasing = true
    for place in lane.dropFirst() where column[place] <= column[place &- 1] { isIncreasing = false }
    guard !isIncreasing else { return places }
    places.sort { (times[$0], $0) < (times[$1], $1) }
    var last: Int64?
    places.removeAll { place in
      defer { last = times[place] }
      return times[place] == last
    }
    return places
  }
}
