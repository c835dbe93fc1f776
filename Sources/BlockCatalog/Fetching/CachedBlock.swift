internal import TSDBBlock

/// A file as it was read last.
struct CachedFile<Content: Sendable>: Sendable {
  var version: FileVersion
  var content: Result<Content, BlockError>
}

/// What was read from the directory of a block.
struct CachedBlock: Sendable {
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
