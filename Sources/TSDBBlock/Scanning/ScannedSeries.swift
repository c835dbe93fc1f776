/// A series that could be read.
struct ScannedSeries: Sendable {
  var id: UInt32
  /// Its part of the labels of all.
  var labels: Range<Int>
  /// From its first to its last sample, in milliseconds.
  var covered: Int64
}

/// The readable series of a block in the order of the file, and where others should be.
///
///     series   │ a │ b │ …          id, extent of its labels, time it covers
///     labels   │ 3 │ 4 │ …          one behind the other
///     places   a bit for each 16 bytes of the index that a series may begin at, and how many
///              series begin before each 64 of them: from an id to its series in two loads
struct ScannedSeriesList: Sendable {
  private(set) var series: [ScannedSeries] = []
  private(set) var labels: [LabelReference] = []
  /// Bytes of the index in which series should be and are not readable, increasing.
  var damaged: [Range<Int>] = []
  private var words: [UInt64] = []
  private var ranks: [UInt32] = []

  /// The labels of the last series; a copy, so that more can be appended in place.
  var lastLabels: [LabelReference]? { series.last.map { Array(labels[$0.labels]) } }

  /// Adds series with larger ids.
  mutating func append(_ series: [ScannedSeries], labels: [LabelReference]) {
    let offset = self.labels.count
    self.labels += labels
    for var one in series {
      one.labels = one.labels.lowerBound + offset..<one.labels.upperBound + offset
      self.series.append(one)
    }
  }

  /// Makes ``find(_:)`` possible, when all series have been added.
  mutating func number() {
    guard let first = series.first?.id, let last = series.last?.id else { return }
    let wordCount = Int(last - first) / 64 + 1
    words = Array(repeating: 0, count: wordCount)
    ranks = Array(repeating: 0, count: wordCount)
    for one in series {
      let place = Int(one.id - first)
      words[place / 64] |= 1 << UInt64(place % 64)
    }
    var rank: UInt32 = 0
    for word in words.indices {
      ranks[word] = rank
      rank &+= UInt32(truncatingIfNeeded: words[word].nonzeroBitCount)
    }
  }

  /// Position of the series with this id; nil when none that is readable has it.
  @inline(__always)
  func find(_ id: UInt32) -> Int? {
    guard let first = series.first?.id, id >= first else { return nil }
    let place = Int(id &- first)
    guard place / 64 < words.count else { return nil }
    let word = words[place / 64]
    let bit: UInt64 = 1 &<< UInt64(place % 64)
    guard word & bit != 0 else { return nil }
    return Int(ranks[place / 64]) &+ (word & (bit &- 1)).nonzeroBitCount
  }

  func isDamaged(_ offset: Int) -> Bool {
    let before = damaged.partitioned { $0.upperBound <= offset }
    return before < damaged.count && damaged[before].contains(offset)
  }
}
