/// The symbols of an edited block: those of the old one that are still used, and new ones.
///
///     old table   a  b  c  d         used   a     c  d
///     new         bb                 table  a  bb c  d      ordinals 0 1 2 3
struct EditSymbols {
  private static let unused = UInt32.max

  private let index: IndexReader
  /// By position in the old table: unused, or used and later the ordinal.
  private var ordinals: [UInt32]
  private var fresh: [[UInt8]: UInt32] = [:]
  /// By ordinal.
  private var hashes: [UInt64] = []
  /// References of index version 1 are offsets; their positions.
  private var positions: [UInt32: Int] = [:]

  init(_ index: IndexReader) throws(BlockError) {
    self.index = index
    let symbols = try index.symbols
    ordinals = Array(repeating: Self.unused, count: symbols.count)
    guard index.version == 1 else { return }
    var walk = symbols.makeWalk()
    let file = index.file
    while let symbol = try walk.next(in: file.bytes) {
      positions[symbol.reference] = positions.count
    }
  }

  /// Notes what the labels of a series that stays use.
  mutating func use(
    _ series: EditPass.Series, _ references: [LabelReference]
  ) throws(BlockError) {
    guard series.new != series.old else {
      for label in references {
        try use(label.name)
        try use(label.value)
      }
      return
    }
    for (name, value) in series.new.pairs {
      fresh[name] = 0
      fresh[value] = 0
    }
  }

  private mutating func use(_ reference: UInt32) throws(BlockError) {
    let position = index.version == 1 ? positions[reference] : Int(reference)
    guard let position, ordinals.indices.contains(position) else {
      throw BlockError(
        .badReference, path: index.path, section: "series",
        detail: "a label refers to symbol \(reference), which does not exist")
    }
    ordinals[position] = 0
  }

  /// Writes the table and gives each symbol its ordinal.
  mutating func write(to writer: BlockWriter) throws(BlockError) {
    let new = fresh.keys.sorted { ByteOrder.precedes($0, $1) }
    var next = 0
    var count: UInt32 = 0
    var position = 0
    let file = index.file
    var walk = try index.symbols.makeWalk()
    while let symbol = try walk.next(in: file.bytes) {
      defer { position += 1 }
      let bytes = [UInt8](file.bytes.extracting(symbol.range))
      while next < new.count, ByteOrder.precedes(new[next], bytes) {
        try add(new[next], &count, writer)
        next += 1
      }
      let isFresh = next < new.count && new[next] == bytes
      if isFresh { next += 1 }
      guard isFresh || ordinals[position] != Self.unused else { continue }
      if isFresh { fresh[bytes] = count }
      ordinals[position] = count
      hashes.append(XXHash64.hash(bytes))
      try writer.addSymbol(bytes)
      count += 1
    }
    for symbol in new[next...] { try add(symbol, &count, writer) }
  }

  private mutating func add(
    _ symbol: [UInt8], _ count: inout UInt32, _ writer: BlockWriter
  ) throws(BlockError) {
    fresh[symbol] = count
    hashes.append(XXHash64.hash(symbol))
    try writer.addSymbol(symbol)
    count += 1
  }

  /// The labels in ordinals, and their hash.
  func translate(
    old: [LabelReference], new: LabelSet?, into labels: inout [LabelReference]
  ) throws(BlockError) -> LabelHash {
    labels.removeAll(keepingCapacity: true)
    var hash = LabelHash()
    if let new {
      for (name, value) in new.pairs {
        guard let name = fresh[name], let value = fresh[value] else { throw changed() }
        labels.append(LabelReference(name: name, value: value))
      }
    } else {
      for label in old {
        labels.append(
          LabelReference(name: try ordinal(label.name), value: try ordinal(label.value)))
      }
    }
    for label in labels {
      hash.add(hashes[Int(label.name)])
      hash.add(hashes[Int(label.value)])
    }
    return hash
  }

  private func ordinal(_ reference: UInt32) throws(BlockError) -> UInt32 {
    let position = index.version == 1 ? positions[reference] : Int(reference)
    guard let position, ordinals.indices.contains(position),
      ordinals[position] != Self.unused
    else { throw changed() }
    return ordinals[position]
  }

  private func changed() -> BlockError {
    BlockError(
      .invalidInput, path: index.path, section: "series",
      detail: "a series got other labels in the second pass than in the first")
  }
}
