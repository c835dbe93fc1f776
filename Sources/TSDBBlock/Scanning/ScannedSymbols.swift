/// The symbol table as far as it can be walked through.
struct ScannedSymbols: Sendable {
  /// Where each symbol's length stands and where its bytes are, in file order.
  private(set) var positions: [Int] = []
  private(set) var ranges: [Range<Int>] = []
  /// Places in the lists of symbols without bytes.
  private(set) var empty: [Int] = []
  /// Whether the checksum is right and every string could be found.
  var isIntact = false
  var isSorted = true
  /// Behind the table.
  var end: Int?

  mutating func append(position: Int, _ range: Range<Int>) {
    if range.isEmpty { empty.append(ranges.count) }
    positions.append(position)
    ranges.append(range)
  }

  /// The place in the lists that a label reference means.
  func ordinal(of reference: UInt32, version: UInt8) -> Int? {
    guard version == 1 else {
      return Int(reference) < ranges.count ? Int(reference) : nil
    }
    let found = positions.partitioned { $0 < Int(reference) }
    return found < positions.count && positions[found] == Int(reference) ? found : nil
  }

  /// The label reference that means the place `ordinal`.
  func reference(to ordinal: Int, version: UInt8) -> UInt32? {
    UInt32(exactly: version == 1 ? positions[ordinal] : ordinal)
  }

  /// The ordinal of the string `wanted`; only of use while the table is sorted.
  func ordinal(of wanted: RawSpan, in index: RawSpan) -> Int? {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      let order = ByteOrder.compare(index.extracting(ranges[middle]), wanted)
      if order == 0 { return middle }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}

extension Array {
  /// Number of elements at the front that `belongsBefore` holds for, of which there is one run.
  func partitioned(_ belongsBefore: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if belongsBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
