internal import RemoteBlocks
internal import TSDBBlock

/// What the index says without looking at a series.
extension LoadedBlock {
  /// The symbols, and how many bytes of the index a step of a series id is.
  func seriesAccess() async throws(ReadFailure) -> (symbols: SymbolTable, idUnit: Int) {
    try await ask { (reader) throws(BlockError) in
      (try reader.index.symbols, reader.index.seriesOffset(1))
    } remote: { (block) async throws(RemoteBlockError) in
      (try await block.symbols, try await block.seriesAlignment)
    }
  }

  /// What is deleted and still stored.
  func tombstones() async throws(ReadFailure) -> Tombstones {
    try await ask { (reader) throws(BlockError) in
      reader.tombstones
    } remote: { (block) async throws(RemoteBlockError) in
      try await block.tombstones()
    }
  }

  /// Whether any series has one of these labels.
  func hasLabel(namedIn names: Set<[UInt8]>) async throws(ReadFailure) -> Bool {
    try await ask { (reader) throws(BlockError) in
      let table = try reader.index.postingsOffsets
      return names.contains { table.valueCount(of: $0) > 0 }
    } remote: { (block) async throws(RemoteBlockError) in
      for name in names where try await block.hasLabel(named: name) { return true }
      return false
    }
  }

  /// All label names inside the block.
  func labelNames() async throws(ReadFailure) -> [[UInt8]] {
    try await ask { (reader) throws(BlockError) in
      try reader.index.labelNames()
    } remote: { (block) async throws(RemoteBlockError) in
      try await block.labelNames()
    }
  }

  /// All values of a label inside the block.
  func labelValues(of name: [UInt8]) async throws(ReadFailure) -> SortedStrings {
    try await ask { (reader) throws(BlockError) in
      try Self.values(of: name, in: reader.index)
    } remote: { (block) async throws(RemoteBlockError) in
      var values = SortedStrings()
      for value in try await block.labelValues(of: name) { values.append(value.rawSpan) }
      return values
    }
  }

  private static func values(
    of name: [UInt8], in index: IndexReader
  ) throws(BlockError) -> SortedStrings {
    let table = try index.postingsOffsets
    let slice = table.slice
    let bytes = slice.bytes
    var values = SortedStrings()
    do {
      try table.forEachValue(of: name) { (value, _) throws(BlockError) in
        values.append(bytes.extracting(value))
        return true
      }
    } catch {
      throw error.inFile(index.path)
    }
    return values
  }
}
