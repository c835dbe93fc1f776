internal import TSDBBlock

/// Goes through the selected series of a block; what cannot be read is told and left out.
struct BlockWalk {
  struct Series {
    var id: UInt32
    var labels: LabelSet
    var chunks: [ChunkSpan]
  }

  private let path: String
  private let selection: SelectionOptions
  private let context: ToolContext
  private var status = ToolStatus.clean

  init(_ path: String, _ selection: SelectionOptions, _ context: ToolContext) {
    self.path = path
    self.selection = selection
    self.context = context
  }

  /// Calls `body` with each series in the order of labels.
  ///
  /// - Returns: `damaged` when a part of the block could not be read.
  /// - Throws: ``ToolError`` when there is no block, or what `body` throws.
  mutating func run(_ body: (Series, BlockReader) throws -> Void) throws -> ToolStatus {
    guard isDirectory(path) else {
      throw ToolError("\(path) is not a directory; name the directory of a block")
    }
    let ids: [UInt32]
    let reader: BlockReader
    do {
      reader = try BlockReader(directory: path)
      ids = try selection.select(reader.index)
    } catch let error as BlockError {
      if error.code == .missing || error.code == .unreadable { throw ToolError("\(error)") }
      damage(error)
      return status
    }
    for id in ids {
      do {
        try body(try read(id, reader.index), reader)
      } catch let error as BlockError {
        damage(error)
      }
    }
    return status
  }

  /// Tells of a part that cannot be read and remembers that.
  private mutating func damage(_ error: BlockError) {
    context.remark("blocktool: \(error); see blocktool inspect")
    status = .damaged
  }

  private func read(_ id: UInt32, _ index: IndexReader) throws(BlockError) -> Series {
    var references: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    try index.appendSeries(id, labels: &references, chunks: &chunks)
    return Series(id: id, labels: try index.labels(references), chunks: chunks)
  }
}
