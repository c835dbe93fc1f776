internal import TSDBBlock

/// A block that is served: open, mapped, with the labels that all its series share.
///
/// Opening touches a few pages; symbols, label table and segments follow at the first query that
/// needs them.
final class LoadedBlock: Sendable {
  let id: BlockID
  let extent: BlockExtent
  /// Sorted by name.
  let externalLabels: [(name: [UInt8], value: [UInt8])]
  /// As the bucket has it. A block whose meta.json changes is opened anew.
  let meta: BlockMeta
  private let reader: BlockReader

  /// Opens the block in `directory`. Blocking.
  init(_ meta: BlockMeta, directory: String) throws(BlockError) {
    reader = try BlockReader(directory: directory)
    self.meta = meta
    id = meta.id
    extent = BlockExtent(minTime: meta.minTime, maxTime: meta.maxTime, resolution: meta.resolution)
    externalLabels = meta.externalLabels
  }

  var index: IndexReader { reader.index }

  /// What is deleted and still stored.
  var tombstones: Tombstones { reader.tombstones }

  /// Whether any series has one of these labels.
  func hasLabel(namedIn names: Set<[UInt8]>) throws(BlockError) -> Bool {
    let table = try index.postingsOffsets
    return names.contains { table.valueCount(of: $0) > 0 }
  }

  /// All values of a label inside the block.
  func labelValues(of name: [UInt8]) throws(BlockError) -> SortedStrings {
    let table = try index.postingsOffsets
    let slice = table.slice
    let bytes = slice.bytes
    var values = SortedStrings()
    do throws(BlockError) {
      try table.forEachValue(of: name) { (value, _) throws(BlockError) in
        values.append(bytes.extracting(value))
        return true
      }
    } catch {
      throw error.inFile(index.path)
    }
    return values
  }

  /// The segments, mapped at the first use.
  var segments: ChunkReader {
    get throws(BlockError) { try reader.chunks }
  }
}
