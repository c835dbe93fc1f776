extension SampleColumns {
  /// From so many neighbours on, copying them together is faster than one by one.
  private static let shortestRun = 8

  /// Replaces the samples by those of `other` at `places`.
  mutating func gather(_ places: [Int], from other: SampleColumns) {
    removeAll()
    timestamps.reserveCapacity(places.count)
    values.reserveCapacity(places.count)
    let hasStarts = !other.starts.isEmpty
    var index = 0
    while index < places.count {
      let first = places[index]
      var length = 1
      while index + length < places.count, places[index + length] == first + length { length += 1 }
      index += length
      let run = first..<first + length
      if length < Self.shortestRun {
        for place in run { timestamps.append(other.timestamps[place]) }
        for place in run { values.append(other.values[place]) }
      } else {
        timestamps += other.timestamps[run]
        values += other.values[run]
      }
      if hasStarts { starts += other.starts[run] }
    }
  }
}
