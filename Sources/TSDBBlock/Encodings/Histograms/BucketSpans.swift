/// Arithmetic on the spans of one side of a ``HistogramLayout``.
///
///     spans    [0,2]        [2,1]              offset to the end of the span before, length
///     buckets   0  1         4                 what they stand for
extension [HistogramLayout.Span] {
  /// The index of every bucket, increasing as long as no offset but the first is negative.
  func appendIndices(to indices: inout [Int]) {
    var bucket = 0
    for span in self {
      bucket += Int(span.offset)
      for _ in 0..<span.length {
        indices.append(bucket)
        bucket += 1
      }
    }
  }

  /// The shortest spans for buckets with increasing indices.
  init(indices: [Int]) {
    self = []
    var last = 0
    for bucket in indices {
      if !isEmpty, bucket == last + 1 {
        self[count - 1].length += 1
      } else {
        let offset = isEmpty ? bucket : bucket - last - 1
        append(HistogramLayout.Span(offset: Int32(clamping: offset), length: 1))
      }
      last = bucket
    }
  }
}

/// How the buckets of two samples of one schema become those of both.
struct BucketUnion {
  /// The indices of all buckets.
  private(set) var indices: [Int] = []
  /// For each bucket of either side its place among all.
  private(set) var oldPlaces: [Int] = []
  private(set) var newPlaces: [Int] = []

  /// Whether the old side lacks buckets that the new one has, and the other way round.
  var addsToOld: Bool { oldPlaces.count < indices.count }
  var addsToNew: Bool { newPlaces.count < indices.count }

  init(_ old: [HistogramLayout.Span], _ new: [HistogramLayout.Span]) {
    var oldIndices: [Int] = []
    var newIndices: [Int] = []
    old.appendIndices(to: &oldIndices)
    new.appendIndices(to: &newIndices)
    var (o, n) = (0, 0)
    while o < oldIndices.count || n < newIndices.count {
      let oldIndex = o < oldIndices.count ? oldIndices[o] : Int.max
      let newIndex = n < newIndices.count ? newIndices[n] : Int.max
      let place = indices.count
      indices.append(Swift.min(oldIndex, newIndex))
      if oldIndex <= newIndex {
        oldPlaces.append(place)
        o += 1
      }
      if newIndex <= oldIndex {
        newPlaces.append(place)
        n += 1
      }
    }
  }
}
