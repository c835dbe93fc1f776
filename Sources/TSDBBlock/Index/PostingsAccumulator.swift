/// Collects the postings of an index while its series are written, in one pass.
///
/// Each label pair has a chain of blocks in one arena, the first small and the next ones twice as
/// large, so that a pair of one series costs little and a pair of all series few jumps:
///
///     arena  … [next][id id][next][id id id id] …
///
/// Memory: 4 bytes per label of each series, up to twice that while the arena grows, and about 60
/// bytes per label pair.
struct PostingsAccumulator {
  private struct List {
    var key: UInt64
    var count = 0
    /// Arena position of the first block, and of the one being filled.
    var first: Int
    var current: Int
    var used = 0
    var capacity: Int
  }

  private static let firstCapacity = 2
  private static let largestCapacity = 4096

  private var arena: [UInt32] = []
  private var lists: [List] = []
  private var places: [UInt64: Int] = [:]
  private var previousLabels: [LabelReference] = []
  private var previousPlaces: [Int] = []
  /// The ids of all series.
  private(set) var all: [UInt32] = []

  /// Adds a series under each of its labels. Ids come in increasing order.
  mutating func add(_ id: UInt32, labels: [LabelReference]) {
    all.append(id)
    for (position, label) in labels.enumerated() {
      // Neighbours share most labels; a comparison is cheaper than a hash.
      if position < previousLabels.count, previousLabels[position] == label {
        append(id, toList: previousPlaces[position])
        continue
      }
      let place = self.place(of: label)
      append(id, toList: place)
      if position < previousLabels.count {
        previousLabels[position] = label
        previousPlaces[position] = place
      } else {
        previousLabels.append(label)
        previousPlaces.append(place)
      }
    }
  }

  private mutating func place(of label: LabelReference) -> Int {
    let key = UInt64(label.name) &<< 32 | UInt64(label.value)
    if let place = places[key] { return place }
    let place = lists.count
    places[key] = place
    let block = makeBlock(Self.firstCapacity)
    lists.append(List(key: key, first: block, current: block, capacity: Self.firstCapacity))
    return place
  }

  private mutating func append(_ id: UInt32, toList place: Int) {
    if lists[place].used == lists[place].capacity {
      let capacity = min(lists[place].capacity * 2, Self.largestCapacity)
      let block = makeBlock(capacity)
      writeNext(block, at: lists[place].current)
      lists[place].current = block
      lists[place].capacity = capacity
      lists[place].used = 0
    }
    arena[lists[place].current + 2 + lists[place].used] = id
    lists[place].used += 1
    lists[place].count += 1
  }

  /// A block begins with the position of the next one, in two words.
  private mutating func makeBlock(_ capacity: Int) -> Int {
    let position = arena.count
    arena.append(contentsOf: repeatElement(0, count: capacity + 2))
    return position
  }

  private mutating func writeNext(_ next: Int, at block: Int) {
    arena[block] = UInt32(truncatingIfNeeded: next)
    arena[block + 1] = UInt32(truncatingIfNeeded: next &>> 32)
  }

  private func next(at block: Int) -> Int {
    Int(arena[block]) | Int(arena[block + 1]) &<< 32
  }

  var listCount: Int { lists.count }

  /// Calls `body` with each label pair in order of name and value.
  func forEachSorted(
    _ body: (_ label: LabelReference, _ count: Int, _ list: Int) throws(BlockError) -> Void
  ) throws(BlockError) {
    for place in lists.indices.sorted(by: { lists[$0].key < lists[$1].key }) {
      let key = lists[place].key
      let label = LabelReference(
        name: UInt32(truncatingIfNeeded: key &>> 32), value: UInt32(truncatingIfNeeded: key))
      try body(label, lists[place].count, place)
    }
  }

  /// Appends the ids of a list in big endian.
  func encode(list place: Int, into bytes: inout [UInt8]) {
    var block = lists[place].first
    var capacity = Self.firstCapacity
    var rest = lists[place].count
    while rest > 0 {
      let used = min(rest, capacity)
      for index in 0..<used { bytes.append(bigEndian: arena[block + 2 + index]) }
      rest -= used
      block = next(at: block)
      capacity = min(capacity * 2, Self.largestCapacity)
    }
  }
}
