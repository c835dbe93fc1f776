internal import TSDBBlock

/// What decoding series into a window needs beside the block, reused from series to series.
struct Scratch {
  var window = SeriesWindow()
  var assembler = LabelAssembler(externals: [], removedNames: [])
  /// Conditions that postings left open.
  var tests: [MatcherTest] = []
  var references: [LabelReference] = []
}

/// Turns series ids of one block into series of a window.
struct SeriesDecoding {
  private let block: BlockID
  private let index: IndexReader
  private let symbols: SymbolTable
  private let filter: SeriesFilter

  /// - Throws: `BlockError` when the symbols are damaged.
  init(_ block: LoadedBlock, filter: SeriesFilter) throws(BlockError) {
    self.block = block.id
    index = block.index
    symbols = try block.index.symbols
    self.filter = filter
  }

  /// Appends the series `id` to the window unless the query does not want it.
  func decode(
    _ id: UInt32, into scratch: inout Scratch, _ damage: inout DamageLog
  ) throws(QueryError) -> Bool {
    do throws(BlockError) {
      scratch.references.removeAll(keepingCapacity: true)
      let firstChunk = scratch.window.chunks.count
      try index.appendSeries(
        id, labels: &scratch.references, chunks: &scratch.window.chunks)
      if filter.trim(&scratch.window.chunks, from: firstChunk), try passesTests(&scratch) {
        // A closure and not `symbols.bytes`, which would copy the table for every series.
        try scratch.assembler.append(scratch.references, to: &scratch.window.labels) {
          (reference) throws(BlockError) in try symbols.bytes(of: reference)
        }
        if filter.shard.map({ scratch.window.withUnfinishedLabels($0.contains) }) ?? true {
          scratch.window.endSeries()
          return true
        }
      }
    } catch {
      scratch.window.dropUnfinished()
      try damage.note(error, in: block)
      return false
    }
    scratch.window.dropUnfinished()
    return false
  }

  private func passesTests(_ scratch: inout Scratch) throws(BlockError) -> Bool {
    for index in scratch.tests.indices {
      let accepts = try scratch.tests[index].accepts(scratch.references) {
        (reference) throws(BlockError) in try symbols.bytes(of: reference)
      }
      guard accepts else { return false }
    }
    return true
  }
}
