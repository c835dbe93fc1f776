/// The symbols of several blocks as one sorted table.
///
///     block A:  a   c d        A: 0→0 1→2 2→3
///     block B:  a b   d   ──►  B: 0→0 1→1 2→3
///     union:    a b c d
///
/// Once references are ordinals of the union, label sets of different blocks compare as integers.
/// Memory: 12 bytes per symbol and block.
struct SymbolUnion {
  /// One per index, in their order.
  private(set) var maps: [SymbolMap] = []
  /// Number of symbols in the union.
  private(set) var count: UInt32 = 0

  /// Merges the tables and hands each symbol of the union to `emit`, in order.
  init(
    of indexes: [IndexReader], emit: (RawSpan) throws(BlockError) -> Void
  ) throws(BlockMergeError) {
    var walks: [SymbolCursor] = []
    for (input, index) in indexes.enumerated() {
      walks.append(
        try BlockMergeError.blaming(input) { () throws(BlockError) in try SymbolCursor(index) })
      maps.append(SymbolMap(version: index.version, count: walks[input].count))
    }
    var heap = MergeHeap()
    for input in walks.indices { try Self.advance(input, &walks, &heap) }
    while let first = heap.pop({ SymbolCursor.order(walks[$0], walks[$1]) }) {
      let head = walks[first]
      let hash = XXHash64.hash(head.symbol)
      try BlockMergeError.blaming(nil) { () throws(BlockError) in try emit(head.symbol) }
      // The head of `first` must stand still until the equal ones are found.
      while let other = heap.top, SymbolCursor.order(walks[first], walks[other]) == 0 {
        _ = heap.pop { SymbolCursor.order(walks[$0], walks[$1]) }
        maps[other].append(reference: walks[other].reference, ordinal: count, hash: hash)
        try Self.advance(other, &walks, &heap)
      }
      maps[first].append(reference: walks[first].reference, ordinal: count, hash: hash)
      try Self.advance(first, &walks, &heap)
      count += 1
    }
  }

  private static func advance(
    _ input: Int, _ walks: inout [SymbolCursor], _ heap: inout MergeHeap
  ) throws(BlockMergeError) {
    let hasMore = try BlockMergeError.blaming(input) { () throws(BlockError) in
      try walks[input].advance()
    }
    if hasMore { heap.push(input) { SymbolCursor.order(walks[$0], walks[$1]) } }
  }
}

/// A position in the symbol table of one block.
private struct SymbolCursor {
  let count: Int
  private let file: ByteSlice
  private let path: String
  private var walk: SymbolTable.Walk
  private var range = 0..<0
  private(set) var reference: UInt32 = 0
  private var hasBegun = false

  init(_ index: IndexReader) throws(BlockError) {
    file = index.file
    path = index.path
    let symbols = try index.symbols
    count = symbols.count
    walk = symbols.makeWalk()
  }

  /// The bytes of the current symbol.
  var symbol: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // The file is kept alive by self, to which the span is bound.
      unsafe _overrideLifetime(file.bytes.extracting(range), borrowing: self)
    }
  }

  /// Moves to the next symbol; false behind the last one.
  mutating func advance() throws(BlockError) -> Bool {
    let file = file
    let bytes = file.bytes
    guard let next = try walk.next(in: bytes) else { return false }
    if hasBegun, ByteOrder.compare(bytes.extracting(range), bytes.extracting(next.range)) >= 0 {
      throw BlockError(
        .malformed, path: path, section: "symbols", offset: next.range.lowerBound,
        detail: "symbol \(LabelText.quoted([UInt8](bytes.extracting(next.range)))) "
          + "does not sort behind the one before it")
    }
    hasBegun = true
    range = next.range
    reference = next.reference
    return true
  }

  static func order(_ left: SymbolCursor, _ right: SymbolCursor) -> Int {
    ByteOrder.compare(left.symbol, right.symbol)
  }
}
