/// A block directory, opened for reading.
///
///     <ULID>/meta.json    who the block is, which time it covers
///            index        labels and chunk locations, mapped
///            chunks/      samples, mapped at the first use
///            tombstones   deletions; may be missing
///
/// Safe to use from several tasks. Everything is verified when it is read, nothing is read before.
public final class BlockReader: Sendable {
  /// The directory of the block, as given.
  public let directory: String
  /// What meta.json says.
  public let meta: BlockMeta
  /// Labels, postings and the places of chunks.
  public let index: IndexReader
  /// What is deleted; empty without the file.
  public let tombstones: Tombstones
  private let followsLinks: Bool
  private let lazyChunks = Lazy<ChunkReader>()

  /// Opens the block in `directory`.
  ///
  /// - Parameter followsLinks: Whether its files may be symbolic links.
  /// - Throws: ``BlockError`` when meta.json, the head of the index or the tombstones are missing
  ///   or damaged.
  /// - Complexity: O(1): meta.json, tombstones and two pages of the index are read.
  public convenience init(directory: String, followsLinks: Bool = true) throws(BlockError) {
    try self.init(
      directory: directory, meta: try Self.readMeta(directory, followsLinks: followsLinks),
      followsLinks: followsLinks)
  }

  /// Opens the block in `directory` whose meta.json was read already.
  ///
  /// - Parameter followsLinks: Whether its files may be symbolic links.
  /// - Throws: ``BlockError`` when `meta` names no segments, or when the head of the index or the
  ///   tombstones are missing or damaged.
  /// - Complexity: O(1): tombstones and two pages of the index are read.
  public init(
    directory: String, meta: BlockMeta, followsLinks: Bool = true
  ) throws(BlockError) {
    self.directory = directory
    self.followsLinks = followsLinks
    try Self.checkSegmentNames(of: meta, directory + "/" + BlockMeta.fileName)
    self.meta = meta
    index = try Self.openIndex(directory, followsLinks: followsLinks)
    tombstones = try Self.readTombstones(directory, followsLinks: followsLinks)
  }

  /// The segments, mapped.
  public var chunks: ChunkReader {
    get throws(BlockError) {
      try lazyChunks.get { () throws(BlockError) in
        try ChunkReader(
          directory: directory, expected: meta.thanos?.segmentFiles ?? [],
          followsLinks: followsLinks)
      }
    }
  }

  /// Reads and checks meta.json of a block directory.
  public static func readMeta(
    _ directory: String, followsLinks: Bool = true
  ) throws(BlockError) -> BlockMeta {
    let path = directory + "/" + BlockMeta.fileName
    let storage = try ByteStorage(mapping: path, followsLinks: followsLinks)
    let meta: BlockMeta
    do {
      meta = try BlockMeta(json: [UInt8](storage.bytes))
    } catch {
      throw error.inFile(path)
    }
    try checkSegmentNames(of: meta, path)
    return meta
  }

  private static func checkSegmentNames(
    of meta: BlockMeta, _ path: String
  ) throws(BlockError) {
    for name in meta.thanos?.segmentFiles ?? []
    where name.isEmpty || !name.utf8.allSatisfy({ 48...57 ~= $0 }) {
      throw BlockError(
        .malformed, path: path,
        detail: "segment_files names \(LabelText.quoted(Array(name.utf8))), "
          + "a segment has a name of digits")
    }
  }

  static func openIndex(
    _ directory: String, followsLinks: Bool = true
  ) throws(BlockError) -> IndexReader {
    let storage = try ByteStorage(mapping: directory + "/index", followsLinks: followsLinks)
    return try IndexReader(ByteSlice(storage), path: "index")
  }

  static func readTombstones(
    _ directory: String, followsLinks: Bool = true
  ) throws(BlockError) -> Tombstones {
    let path = directory + "/" + Tombstones.fileName
    guard FileSystem.exists(path) else { return Tombstones() }
    let storage = try ByteStorage(mapping: path, followsLinks: followsLinks)
    return try Tombstones(storage.bytes)
  }
}
