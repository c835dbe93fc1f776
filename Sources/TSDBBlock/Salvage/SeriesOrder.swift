/// Brings series into the order of their labels without holding these.
///
///     runs that are sorted already ──► merged in pairs ──► …        8 bytes a series
///
/// An index is sorted but for its damage, so there are few runs and few rounds.
struct SeriesOrder {
  private(set) var places: [SeriesHunt.Place] = []
  /// Where sorted runs begin.
  private var starts: [Int] = []
  private var last: [LabelReference] = []

  /// Adds a series; `labels` are ranks, so they sort as the strings do.
  mutating func append(_ place: SeriesHunt.Place, _ labels: [LabelReference]) {
    if places.isEmpty || IndexWriter.precedes(labels.span, last.span) {
      starts.append(places.count)
    }
    places.append(place)
    last = labels
  }

  /// - Parameter read: replaces the labels by those of the series at a place.
  mutating func sort(_ read: (SeriesHunt.Place, inout [LabelReference]) -> Void) {
    var left: [LabelReference] = []
    var right: [LabelReference] = []
    while starts.count > 1 {
      var sorted: [SeriesHunt.Place] = []
      sorted.reserveCapacity(places.count)
      var merged: [Int] = []
      for run in stride(from: 0, to: starts.count, by: 2) {
        merged.append(starts[run])
        let middle = run + 1 < starts.count ? starts[run + 1] : places.count
        let end = run + 2 < starts.count ? starts[run + 2] : places.count
        var (l, r) = (starts[run], middle)
        if l < middle { read(places[l], &left) }
        if r < end { read(places[r], &right) }
        while l < middle, r < end {
          if IndexWriter.precedes(right.span, left.span) {
            sorted.append(places[r])
            r += 1
            if r < end { read(places[r], &right) }
          } else {
            sorted.append(places[l])
            l += 1
            if l < middle { read(places[l], &left) }
          }
        }
        sorted += places[l..<middle]
        sorted += places[r..<end]
      }
      places = sorted
      starts = merged
    }
  }
}
