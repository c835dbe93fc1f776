public import Logging
public import ObjectStore
internal import Synchronization
internal import TSDBBlock

/// Finds the blocks of a bucket.
///
/// Looks at directories of the root that are named like a block, and nowhere else. One listing a
/// block tells which of meta.json and marks exist and when they changed; a file is read again only
/// when its size or time differs from what was read before.
public final class CatalogFetcher: Sendable {
  private let bucket: any Bucket
  private let rules: @Sendable () -> CatalogRules
  private let now: @Sendable () -> Int64
  private let logger: Logger
  private let concurrency: Int
  private let cache = Mutex<[BlockID: CachedBlock]>([:])

  /// - Parameters:
  ///   - rules: asked for at every look, because a time partition may move with the clock.
  ///   - now: Unix milliseconds.
  ///   - concurrency: how many blocks are looked at in parallel.
  public init(
    bucket: any Bucket, rules: @autoclosure @escaping @Sendable () -> CatalogRules,
    logger: Logger, concurrency: Int = 32,
    now: @escaping @Sendable () -> Int64
  ) {
    self.bucket = bucket
    self.rules = rules
    self.logger = logger
    self.concurrency = max(concurrency, 1)
    self.now = now
  }

  /// Looks at the whole bucket.
  ///
  /// A block whose meta.json is missing or wrong becomes a partial one. A file that exists but
  /// cannot be read fails the fetch: acting on half a view of a bucket loses data.
  public func fetch() async throws(BucketError) -> CatalogSnapshot {
    let ids = try await blockDirectories()
    let known = cache.withLock { $0 }
    let found = try await inParallel(ids, limit: concurrency) {
      (id) throws(BucketError) -> CachedBlock? in
      try await self.look(at: id, known: known[id])
    }
    let present = found.compactMap { $0 }
    // Rebuilt, so that blocks which are gone are forgotten.
    cache.withLock { cache in
      cache = Dictionary(present.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    }
    return rules().apply(to: present.map(\.found), now: now())
  }

  private func blockDirectories() async throws(BucketError) -> [BlockID] {
    try await bucket.list(nil, recursive: false)
      .filter(\.isDirectory)
      .compactMap { BlockID($0.name.lastComponent) }
  }

  /// Nil when the directory vanished meanwhile.
  private func look(
    at id: BlockID, known: CachedBlock?
  ) async throws(BucketError) -> CachedBlock? {
    let listing = try await bucket.list(id.directory(), recursive: false)
    guard !listing.isEmpty else { return nil }
    var files: [Substring: FileVersion] = [:]
    for object in listing where !object.isDirectory {
      files[object.name.lastComponent] = FileVersion(object)
    }
    var block = CachedBlock(id: id)
    block.meta = try await file(BlockMeta.fileName, of: id, files, known?.meta) {
      (bytes) throws(BlockError) in try BlockMeta(json: bytes)
    }
    block.deletionMark = try await mark(of: id, files, known?.deletionMark)
    block.noCompactMark = try await mark(of: id, files, known?.noCompactMark)
    block.noDownsampleMark = try await mark(of: id, files, known?.noDownsampleMark)
    return block
  }

  private func mark<Mark: BlockMark>(
    of id: BlockID, _ files: [Substring: FileVersion], _ known: CachedFile<Mark>?
  ) async throws(BucketError) -> CachedFile<Mark>? {
    let read = try await file(Mark.fileName, of: id, files, known) {
      (bytes) throws(BlockError) in try Mark(json: bytes)
    }
    if let read, case .failure(let error) = read.content, known?.version != read.version {
      logger.warning(
        "ignoring a mark that cannot be read",
        metadata: ["block": "\(id)", "error": "\(error)"])
    }
    return read
  }

  private func file<Content>(
    _ name: String, of id: BlockID, _ files: [Substring: FileVersion],
    _ known: CachedFile<Content>?, parse: ([UInt8]) throws(BlockError) -> Content
  ) async throws(BucketError) -> CachedFile<Content>? {
    guard let version = files[name[...]] else { return nil }
    if let known, known.version == version { return known }
    let bytes: [UInt8]
    do {
      bytes = try await bucket.read(id.object(name))
    } catch  where error.code == .notFound {
      return nil
    }
    return CachedFile(
      version: version,
      content: Result { () throws(BlockError) in
        try parse(bytes)
      })
  }
}

/// Tells one content of a file from another without reading it.
private struct FileVersion: Equatable, Sendable {
  var size: Int
  var modifiedMilliseconds: Int64

  init(_ object: ListedObject) {
    size = object.size
    modifiedMilliseconds = object.modifiedMilliseconds
  }
}

private struct CachedFile<Content: Sendable>: Sendable {
  var version: FileVersion
  var content: Result<Content, BlockError>
}

private struct CachedBlock: Sendable {
  var id: BlockID
  var meta: CachedFile<BlockMeta>?
  var deletionMark: CachedFile<DeletionMark>?
  var noCompactMark: CachedFile<NoCompactMark>?
  var noDownsampleMark: CachedFile<NoDownsampleMark>?

  var found: FoundBlock {
    FoundBlock(
      id: id, meta: metaOrReason, deletionMark: try? deletionMark?.content.get(),
      noCompactMark: try? noCompactMark?.content.get(),
      noDownsampleMark: try? noDownsampleMark?.content.get())
  }

  private var metaOrReason: Result<BlockMeta, CatalogSnapshot.Partial> {
    guard let meta else {
      return .failure(.init(id: id, state: .noMeta, reason: "\(BlockMeta.fileName) is missing"))
    }
    switch meta.content {
    case .failure(let error):
      let isNewer = error.code == .unsupportedVersion
      return .failure(
        .init(id: id, state: isNewer ? .failed : .corruptedMeta, reason: "\(error)"))
    case .success(let meta) where meta.id != id:
      return .failure(
        .init(
          id: id, state: .corruptedMeta,
          reason: "\(BlockMeta.fileName): ulid: is \(meta.id), the directory is \(id)"))
    case .success(let meta): return .success(meta)
    }
  }
}
