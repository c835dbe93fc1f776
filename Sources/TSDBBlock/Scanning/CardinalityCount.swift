/// Counts the labels of all series.
///
///     pairs    │ (name, value), series, uncovered time │ …      one for each distinct label
///     slots    a hash table of places among the pairs
///
/// The names are summed up from their pairs at the end.
struct CardinalityCount {
  private struct Pair {
    var label: LabelReference
    var series = 0
    var uncovered: Int64 = 0
  }

  private struct Name {
    var reference: UInt32
    var values = 0
    var bytes = 0
    var uncovered: Int64 = 0

    var label: LabelReference { LabelReference(name: reference, value: 0) }
  }

  private let context: ScanContext
  private var pairs: [Pair] = []
  private var names: [Name] = []
  private var slots: [UInt32] = []
  // Whoever writes a block chooses its numbers; with a seed of ours not which of them collide.
  private let seed = UInt64.random(in: .min ... .max)
  private let duration: Int64

  /// - Parameter duration: of the block, in milliseconds.
  init(_ context: ScanContext, _ list: ScannedSeriesList, duration: Int64) {
    self.context = context
    self.duration = duration
    slots = Array(repeating: 0, count: 1024)
    // Neighbours share most of their labels, mostly at the same place.
    var recent: [Int] = []
    for one in list.series {
      let uncovered = max(0, duration &- one.covered)
      for place in 0..<one.labels.count {
        let label = list.labels[one.labels.lowerBound + place]
        if place == recent.count { recent.append(-1) }
        var pair = recent[place]
        if pair < 0 || pairs[pair].label != label {
          pair = self.place(of: label)
          recent[place] = pair
        }
        pairs[pair].series += 1
        pairs[pair].uncovered &+= uncovered
      }
    }
    slots = []
    sumUpNames()
  }

  // MARK: Table

  private mutating func place(of label: LabelReference) -> Int {
    var slot = hash(label) & (slots.count - 1)
    while slots[slot] != 0 {
      let pair = Int(slots[slot]) - 1
      if pairs[pair].label == label { return pair }
      slot = (slot + 1) & (slots.count - 1)
    }
    pairs.append(Pair(label: label))
    slots[slot] = UInt32(pairs.count)
    if 2 * pairs.count > slots.count { grow() }
    return pairs.count - 1
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: 4 * slots.count)
    for (number, pair) in pairs.enumerated() {
      var slot = hash(pair.label) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(number + 1)
    }
  }

  /// The finalizer of MurmurHash 3.
  @inline(__always)
  private func hash(_ label: LabelReference) -> Int {
    var key = seed ^ (UInt64(label.name) << 32 | UInt64(label.value))
    key = (key ^ key >> 33) &* 0xFF51_AFD7_ED55_8CCD
    key = (key ^ key >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return Int(truncatingIfNeeded: (key ^ key >> 33) >> 1)
  }

  private mutating func sumUpNames() {
    var places: [UInt32: Int] = [:]
    for pair in pairs {
      let place = places[pair.label.name, default: names.count]
      if place == names.count {
        places[pair.label.name] = place
        names.append(Name(reference: pair.label.name))
      }
      names[place].values += 1
      names[place].bytes += byteCount(pair.label.value)
      names[place].uncovered &+= pair.uncovered
    }
  }

  private func byteCount(_ reference: UInt32) -> Int {
    context.ordinal(of: reference).map { context.symbols.ranges[$0].count } ?? 0
  }

  // MARK: Lists

  /// The counts, and the highest of each kind.
  var result: BlockScan.Cardinality {
    let scale = max(duration, 1)
    let metric = names.first { name($0.reference) == "__name__" }?.reference
    var result = BlockScan.Cardinality()
    result.labelPairs = pairs.count
    result.labelNames = names.count
    result.churningPairs = top(pairs, \.label) {
      Int($0.uncovered / scale)
    } text: {
      pair($0)
    }
    result.churningNames = top(names, \.label) {
      Int($0.uncovered / scale)
    } text: {
      name($0.name)
    }
    result.commonPairs = top(pairs, \.label) {
      $0.series
    } text: {
      pair($0)
    }
    result.longestValues = top(names, \.label) {
      $0.bytes
    } text: {
      name($0.name)
    }
    result.highestLabels = top(names, \.label) {
      $0.values
    } text: {
      name($0.name)
    }
    result.highestMetrics = top(pairs, \.label) {
      $0.label.name == metric ? $0.series : 0
    } text: {
      name($0.value)
    }
    return result
  }

  /// The elements with the highest counts; of equal ones those whose symbols come first.
  private func top<Element>(
    _ elements: [Element], _ label: (Element) -> LabelReference, count: (Element) -> Int,
    text: (LabelReference) -> String
  ) -> [BlockScan.Cardinality.Entry] {
    var best: [(count: Int, label: LabelReference)] = []
    for element in elements {
      let count = count(element)
      if best.count == BlockScan.Cardinality.limit, count < best[best.count - 1].count { continue }
      let label = label(element)
      guard count > 0 else { continue }
      let place = best.partitioned {
        $0.count > count || $0.count == count && $0.label.precedes(label)
      }
      guard place < BlockScan.Cardinality.limit else { continue }
      best.insert((count, label), at: place)
      if best.count > BlockScan.Cardinality.limit { best.removeLast() }
    }
    return best.map { BlockScan.Cardinality.Entry(label: text($0.label), count: $0.count) }
  }

  private func name(_ reference: UInt32) -> String {
    guard let ordinal = context.ordinal(of: reference) else { return "?" }
    let bytes = context.index.bytes.extracting(context.symbols.ranges[ordinal])
    return String(LabelText.quoted([UInt8](bytes)).dropFirst().dropLast())
  }

  private func pair(_ label: LabelReference) -> String {
    name(label.name) + "=" + name(label.value)
  }
}

extension LabelReference {
  fileprivate func precedes(_ other: Self) -> Bool {
    (name, value) < (other.name, other.value)
  }
}
