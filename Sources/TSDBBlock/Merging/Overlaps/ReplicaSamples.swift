/// The samples of one replica of a series, or of some merged: places in columns that all share.
struct ReplicaSamples: ~Escapable {
  private let times: Span<Int64>
  private let levels: Span<UInt64>
  private let places: Span<Int>

  /// - Parameters:
  ///   - times: of all samples.
  ///   - levels: likewise, the values of floats and the counts of histograms, as bits of doubles;
  ///     the stale marker for stale ones.
  ///   - places: of the replica's samples, in order of time.
  @_lifetime(copy times, copy levels, copy places)
  init(times: Span<Int64>, levels: Span<UInt64>, places: Span<Int>) {
    self.times = times
    self.levels = levels
    self.places = places
  }

  var count: Int { places.count }

  @inline(__always)
  func place(_ index: Int) -> Int { places[index] }

  @inline(__always)
  func time(_ index: Int) -> Int64 { times[places[index]] }

  @inline(__always)
  func isStale(_ index: Int) -> Bool { levels[places[index]] == SampleValue.staleMarker }

  func isStale(place: Int) -> Bool { levels[place] == SampleValue.staleMarker }

  @inline(__always)
  func level(_ index: Int) -> Double { Double(bitPattern: levels[places[index]]) }

  // MARK: Counters

  /// Whether the levels of neighbours never fall; false where one is no number.
  func neverFalls(_ range: Range<Int>) -> Bool {
    var last = -Double.infinity
    for index in range {
      let level = level(index)
      guard level >= last else { return false }
      last = level
    }
    return true
  }
}
