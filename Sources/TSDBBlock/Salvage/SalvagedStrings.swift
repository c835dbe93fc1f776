/// The distinct strings of an index, sorted by bytes, where they stand in the file.
///
/// A string's rank is its position here. 8 bytes a string.
struct SalvagedStrings {
  let file: ByteSlice
  /// Of each string's length, by rank.
  private(set) var places: [Int]

  /// - Parameter places: of the lengths of strings, in any order, which may be equal.
  /// - Returns: the strings, and the rank of each place given; nil when that is its position.
  static func sorting(_ places: [Int], in file: ByteSlice) -> (Self, ranks: [UInt32]?) {
    var strings = Self(file: file, places: places)
    guard !strings.isSorted else { return (strings, nil) }
    let order = places.indices.sorted { left, right in
      let order = strings.compare(left, right)
      return order != 0 ? order < 0 : left < right
    }
    var ranks = [UInt32](repeating: 0, count: places.count)
    var distinct: [Int] = []
    for (position, index) in order.enumerated() {
      if position == 0 || strings.compare(order[position - 1], index) != 0 {
        distinct.append(places[index])
      }
      ranks[index] = UInt32(truncatingIfNeeded: distinct.count - 1)
    }
    strings.places = distinct
    return (strings, ranks)
  }

  private init(file: ByteSlice, places: [Int]) {
    self.file = file
    self.places = places
  }

  var count: Int { places.count }

  func isEmpty(_ rank: UInt32) -> Bool { range(Int(rank)).isEmpty }

  /// Where the bytes of a string stand.
  func range(_ rank: Int) -> Range<Int> {
    let file = file
    var cursor = ByteDecoder(file.bytes, at: places[rank])
    return (try? cursor.lengthPrefixed()) ?? 0..<0
  }

  /// The labels that ranks mean.
  func labels(_ ranks: some Sequence<LabelReference>) -> LabelSet {
    let file = file
    let bytes = file.bytes
    var set = LabelSet()
    for label in ranks {
      set.append(
        name: bytes.extracting(range(Int(label.name))),
        value: bytes.extracting(range(Int(label.value))))
    }
    return set
  }

  private func compare(_ left: Int, _ right: Int) -> Int {
    let file = file
    let bytes = file.bytes
    return ByteOrder.compare(bytes.extracting(range(left)), bytes.extracting(range(right)))
  }

  private var isSorted: Bool {
    guard places.count > 1 else { return true }
    for index in 1..<places.count where compare(index - 1, index) >= 0 { return false }
    return true
  }
}
