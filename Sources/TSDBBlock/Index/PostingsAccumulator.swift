/// Collects the postings of an index while its series are written, in one pass.
///
/// Each label name has a column of (value, id) words, a chain of blocks in one arena. The first
/// block is small and the next ones twice as large, so that a rare name costs little and a name of
/// all series few jumps:
///
///     arena  … [next][v:id v:id] … [next][v:id v:id v:id v:id] …
///
/// Ids come in increasing order, so sorting a column by value, stably, gives the lists of the name.
/// The ids of all series are kept as uvarint distances, about one byte each.
///
/// Memory: 8 bytes per label of each series, reserved at once and touched as it fills. Sorting
/// takes 16 bytes per entry of the longest column on top.
struct PostingsAccumulator {
  private struct Column {
    var name: UInt32
    var count = 0
    /// Arena positions of the first block and of the one being filled.
    var first: Int
    var current: Int
    var used = 0
    var capacity: Int
  }

  private static let firstCapacity = 2
  private static let largestCapacity = 4096
  private static let batchCount = 4096

  private let byteCountLimit: Int
  private var arena: [UInt64] = []
  private var columns: [Column] = []
  private var places: [UInt32: Int] = [:]
  /// Name and column at each position of the series before.
  private var previous: [(name: UInt32, place: Int)] = []
  private var all: [UInt8] = []
  private var allCount = 0
  private var lastID: UInt32 = 0

  /// - Parameter byteCountLimit: where ``isFull`` becomes true.
  init(byteCountLimit: Int) {
    self.byteCountLimit = byteCountLimit
    // Memory that is reserved and not touched is not used; growing would copy.
    arena.reserveCapacity(byteCountLimit / 8 + 16 * Self.largestCapacity)
  }

  /// Whether it is time to write out what is here and to begin anew.
  var isFull: Bool { arena.count &* 8 &+ all.count >= byteCountLimit }

  /// Adds a series under each of its labels, whose names are distinct. Ids increase.
  mutating func add(_ id: UInt32, labels: Span<LabelReference>) {
    all.append(uvarint: UInt64(id &- lastID))
    lastID = id
    allCount &+= 1
    for position in labels.indices {
      let label = labels[position]
      let place: Int
      // Neighbours have the same names; a comparison is cheaper than a hash.
      if position < previous.count, previous[position].name == label.name {
        place = previous[position].place
      } else {
        place = self.place(of: label.name)
        if position < previous.count {
          previous[position] = (label.name, place)
        } else {
          previous.append((label.name, place))
        }
      }
      append(UInt64(label.value) &<< 32 | UInt64(id), toColumn: place)
    }
  }

  /// Forgets everything and keeps the memory.
  mutating func removeAll() {
    arena.removeAll(keepingCapacity: true)
    all.removeAll(keepingCapacity: true)
    columns.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    previous.removeAll(keepingCapacity: true)
    allCount = 0
    lastID = 0
  }

  private mutating func place(of name: UInt32) -> Int {
    if let place = places[name] { return place }
    let place = columns.count
    places[name] = place
    let block = makeBlock(Self.firstCapacity)
    columns.append(
      Column(name: name, first: block, current: block, capacity: Self.firstCapacity))
    return place
  }

  private mutating func append(_ entry: UInt64, toColumn place: Int) {
    var column = columns[place]
    if column.used == column.capacity {
      column.capacity = min(column.capacity &* 2, Self.largestCapacity)
      let block = makeBlock(column.capacity)
      arena[column.current] = UInt64(block)
      column.current = block
      column.used = 0
    }
    arena[column.current &+ 1 &+ column.used] = entry
    column.used &+= 1
    column.count &+= 1
    columns[place] = column
  }

  /// A block begins with the position of the next one.
  private mutating func makeBlock(_ capacity: Int) -> Int {
    let position = arena.count
    arena.append(contentsOf: repeatElement(0, count: capacity + 1))
    return position
  }

  // MARK: Lists

  /// Hands every list to `sink`, in the order of the keys.
  func emit(into sink: inout some PostingsSink) throws(BlockError) {
    var batch: [UInt32] = []
    batch.reserveCapacity(Self.batchCount)
    try emitAll(&batch, into: &sink)
    var sorter = PostingsSorter()
    for place in columns.indices.sorted(by: { columns[$0].name < columns[$1].name }) {
      sorter.removeAll()
      gather(columns[place], into: &sorter)
      sorter.sort()
      let entries = sorter.entries
      var start = 0
      while start < entries.count {
        let value = entries[start] &>> 32
        var end = start &+ 1
        while end < entries.count, entries[end] &>> 32 == value { end &+= 1 }
        try sink.beginList(
          PostingsKey(name: columns[place].name, value: UInt32(truncatingIfNeeded: value)),
          count: end &- start)
        while start < end {
          let stop = min(start &+ Self.batchCount, end)
          batch.removeAll(keepingCapacity: true)
          while start < stop {
            batch.append(UInt32(truncatingIfNeeded: entries[start]))
            start &+= 1
          }
          try sink.append(batch.span)
        }
        try sink.endList()
      }
    }
  }

  private func emitAll(
    _ batch: inout [UInt32], into sink: inout some PostingsSink
  ) throws(BlockError) {
    try sink.beginList(.all, count: allCount)
    var cursor = ByteDecoder(all.rawSpan)
    var id: UInt32 = 0
    for _ in 0..<allCount {
      // Our own bytes: they cannot fail to decode.
      id &+= UInt32(truncatingIfNeeded: (try? cursor.uvarint()) ?? 0)
      batch.append(id)
      if batch.count == Self.batchCount {
        try sink.append(batch.span)
        batch.removeAll(keepingCapacity: true)
      }
    }
    try sink.append(batch.span)
    try sink.endList()
  }

  private func gather(_ column: Column, into sorter: inout PostingsSorter) {
    sorter.reserve(column.count)
    var block = column.first
    var capacity = Self.firstCapacity
    var rest = column.count
    while rest > 0 {
      let used = min(rest, capacity)
      sorter.append(arena[block &+ 1..<block &+ 1 &+ used])
      rest &-= used
      block = Int(arena[block])
      capacity = min(capacity &* 2, Self.largestCapacity)
    }
  }
}
