internal import ObjectStore
public import TSDBBlock

/// The read side of a block that is in a bucket and not on a disk.
///
///     matchers ─► select ─► ids ─► seriesParts ─► entries ─► chunkParts ─► records
///                 header,          estimates,                estimates
///                 cache            cache
///
/// What it hands out are parts of the block's files, decoded by the same functions as a mapped
/// file. Everything is verified, and fetched a second time when it is not right; what is wrong
/// twice is handed on, so that its decoder says what is wrong. Safe to use from several tasks.
public final class RemoteBlock: Sendable {
  public let id: BlockID
  /// As the bucket has it.
  public let meta: BlockMeta
  /// How long series entries and chunks are thought to be.
  public let estimates: FetchEstimates

  let resources: RemoteBlockResources
  /// The one of when the block was opened: a query that outlives the block makes no new files.
  let indexHeader: RemoteIndexHeader
  private let segmentNames: [String]
  private let segmentList = FetchedOnce<[RemoteSegment]>()
  private let tombstoneFile = FetchedOnce<Tombstones>()

  /// - Parameters:
  ///   - segmentNames: the files of `chunks/` in their order; nil for those that meta.json names,
  ///     or those that a listing finds when it names none.
  ///   - estimates: nil for those of meta.json.
  public init(
    id: BlockID, meta: BlockMeta, segmentNames: [String]? = nil,
    resources: RemoteBlockResources, estimates: FetchEstimates? = nil
  ) {
    self.id = id
    self.meta = meta
    self.resources = resources
    indexHeader = resources.headers.header(of: id)
    self.segmentNames = segmentNames ?? meta.thanos?.segmentFiles ?? []
    self.estimates = estimates ?? FetchEstimates(meta, most: resources.options.estimates)
  }

  // MARK: Labels

  /// Names and values.
  ///
  /// - Throws: `RemoteBlockError`; the header may have to be made first.
  public var symbols: SymbolTable {
    get async throws(RemoteBlockError) { try await header().symbols }
  }

  /// All label names, sorted by bytes.
  public func labelNames() async throws(RemoteBlockError) -> [[UInt8]] {
    try await onHeader { (header) throws(BlockError) in header.postingsOffsets.labelNames }
  }

  /// All values of a label, sorted by bytes; empty when no series has it.
  public func labelValues(of name: [UInt8]) async throws(RemoteBlockError) -> [[UInt8]] {
    try await onHeader { (header) throws(BlockError) in
      let slice = header.postingsOffsets.slice
      let bytes = slice.bytes
      var values: [[UInt8]] = []
      try header.postingsOffsets.forEachValue(of: name) { (value, _) throws(BlockError) in
        values.append([UInt8](bytes.extracting(value)))
        return true
      }
      return values
    }
  }

  /// Whether any series has the label.
  public func hasLabel(named name: [UInt8]) async throws(RemoteBlockError) -> Bool {
    try await onHeader { (header) throws(BlockError) in
      header.postingsOffsets.valueCount(of: name) > 0
    }
  }

  /// An id times this is where the entry of the series begins in the index: 16, in indexes of
  /// version 1 it is 1.
  public var seriesAlignment: Int {
    get async throws(RemoteBlockError) { try await header().seriesOffset(1) }
  }

  // MARK: Tombstones

  /// What was deleted from the block; nothing without the file, which is read once.
  public func tombstones() async throws(RemoteBlockError) -> Tombstones {
    try await tombstoneFile.get { [self] () async throws(RemoteBlockError) in
      let name = try objectName(Tombstones.fileName)
      let bytes: [UInt8]
      do throws(RemoteBlockError) {
        let byteCount = try await resources.reader.attributes(of: name).size
        guard byteCount <= Self.tombstonesByteCountLimit else {
          throw .damaged(
            BlockError(
              .limitExceeded, path: name.text, detail: "has \(byteCount) bytes, which is too much"))
        }
        bytes = try await resources.reader.read(0..<byteCount, of: name, byteCount: byteCount)
      } catch {
        if case .vanished = error { return Tombstones() }
        throw error
      }
      do throws(BlockError) {
        return try Tombstones(bytes.rawSpan)
      } catch {
        throw .damaged(error)
      }
    }
  }

  /// Millions of deletions.
  private static let tombstonesByteCountLimit = 64 << 20

  // MARK: Parts of the block

  func header() async throws(RemoteBlockError) -> IndexHeader {
    try await indexHeader.get()
  }

  /// Runs what may touch pages of the header that are not in memory.
  func onHeader<Value: Sendable>(
    _ body: @Sendable (IndexHeader) throws(BlockError) -> Value
  ) async throws(RemoteBlockError) -> Value {
    let header = try await header()
    do throws(BlockError) {
      return try await onBlockingThread { () throws(BlockError) in try body(header) }
    } catch {
      throw .damaged(error.inFile("index-header"))
    }
  }

  func objectName(_ path: String) throws(RemoteBlockError) -> ObjectName {
    do throws(ObjectName.Invalid) {
      return try ObjectName("\(id)/\(path)")
    } catch {
      throw .damaged(BlockError(.malformed, path: "\(id)/\(path)", detail: error.reason))
    }
  }

  /// The segments in the order that locations count them in.
  func segments() async throws(RemoteBlockError) -> [RemoteSegment] {
    try await segmentList.get { [self] () async throws(RemoteBlockError) in
      guard segmentNames.isEmpty else {
        var segments: [RemoteSegment] = []
        for name in segmentNames {
          guard RemoteSegment.isName(name) else {
            throw .damaged(
              BlockError(
                .malformed, path: "meta.json",
                detail: "segment_files names \(LabelText.quoted(Array(name.utf8))), "
                  + "a segment has a name of digits"))
          }
          segments.append(RemoteSegment(try objectName("chunks/\(name)"), byteCount: nil))
        }
        return segments
      }
      let listed = try await resources.reader.list(objectName("chunks"))
      return listed.filter { !$0.isDirectory && RemoteSegment.isName($0.name.lastComponent) }
        .sorted { $0.name < $1.name }
        .map { RemoteSegment($0.name, byteCount: $0.size) }
    }
  }
}
