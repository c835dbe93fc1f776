internal import Logging
internal import ObjectStore
internal import TSDBBlock

/// Reads what a block's directory says about it.
struct BlockReading: Sendable {
  let bucket: any Bucket
  let metaCache: MetaCache?
  let metrics: CatalogMetrics?
  let logger: Logger

  /// Lists the directory, and reads what differs from `known`.
  func look(at id: BlockID, known: CachedBlock?) async -> BlockOutcome {
    do throws(BucketError) {
      guard let files = try await BlockDiscovery.listing(of: id, in: bucket) else { return .gone }
      return await look(at: id, files, known: known)
    } catch {
      return .failed(error)
    }
  }

  /// Reads what differs from `known` according to a listing.
  func look(at id: BlockID, _ files: BlockListing, known: CachedBlock?) async -> BlockOutcome {
    var block = CachedBlock(id: id)
    do throws(BucketError) {
      block.meta = try await meta(of: id, files, known?.meta)
      block.deletionMark = try await mark(of: id, files, known?.deletionMark)
      block.noCompactMark = try await mark(of: id, files, known?.noCompactMark)
      block.noDownsampleMark = try await mark(of: id, files, known?.noDownsampleMark)
    } catch {
      return .failed(error)
    }
    return .found(block)
  }

  private func meta(
    of id: BlockID, _ files: BlockListing, _ known: CachedFile<BlockMeta>?
  ) async throws(BucketError) -> CachedFile<BlockMeta>? {
    guard let version = files[BlockMeta.fileName[...]] else { return nil }
    if let known, known.version == version { return known }
    if known != nil { metrics?.bustCache() }
    if known == nil, let copy = await metaCache?.meta(of: id, version, onStale: metrics?.bustCache)
    {
      return CachedFile(version: version, content: .success(copy))
    }
    guard let bytes = try await bytes(of: BlockMeta.fileName, id, version, isNew: known == nil)
    else { return nil }
    let read = CachedFile(
      version: version,
      content: Result { () throws(BlockError) in
        try BlockMeta(json: bytes)
      })
    if case .success = read.content {
      await metaCache?.store(bytes, of: id, version, logger: logger)
    }
    return read
  }

  private func mark<Mark: BlockMark>(
    of id: BlockID, _ files: BlockListing, _ known: CachedFile<Mark>?
  ) async throws(BucketError) -> CachedFile<Mark>? {
    guard let version = files[Mark.fileName[...]] else { return nil }
    if let known, known.version == version { return known }
    guard let bytes = try await bytes(of: Mark.fileName, id, version, isNew: known == nil)
    else { return nil }
    let read = CachedFile(
      version: version,
      content: Result { () throws(BlockError) in
        try Mark(json: bytes)
      })
    if case .failure(let error) = read.content {
      logger.warning(
        "ignoring a mark that cannot be read", metadata: ["block": "\(id)", "error": "\(error)"])
    }
    return read
  }

  /// Nil when the file is gone since it was listed.
  ///
  /// A cache on the way may have an older file: it is not asked when one was known, and not
  /// believed when the length differs.
  private func bytes(
    of file: String, _ id: BlockID, _ version: FileVersion, isNew: Bool
  ) async throws(BucketError) -> [UInt8]? {
    if isNew {
      do throws(BucketError) {
        let bytes = try await bucket.read(id.object(file))
        if bytes.count == version.size { return bytes }
      } catch  where error.code != .notFound {
        throw error
      } catch {
        // It was listed a moment ago.
      }
    }
    do throws(BucketError) {
      return try await FreshReads.run(true) { () async throws(BucketError) in
        try await bucket.read(id.object(file))
      }
    } catch  where error.code == .notFound {
      return nil
    }
  }
}
