internal import BlockCatalog
internal import Console
internal import TSDBBlock

/// Blocks in local directories, on their way into a bucket.
enum LocalUpload {
  /// Reads the block from beginning to end and says what is to be uploaded.
  ///
  /// - Parameter meta: of the block as it is to be published.
  /// - Throws: ``BlockError`` for the first damage.
  static func verified(
    _ directory: String, _ meta: BlockMeta, _ context: ToolContext
  ) throws -> BlockUpload {
    context.progress?.begin("verifying")
    defer { context.progress?.clear() }
    let found = try BlockVerification.read(directory: directory, threads: processorCount()) {
      context.progress?.update($0, of: Int(clamping: meta.stats.series), "series")
      return true
    }
    var meta = meta
    if let found { meta.thanos?.indexStats = found.indexStats }
    return BlockUpload(directory: directory, meta: meta, files: try files(of: directory))
  }

  /// Segments, the index, and deletions where there are any: a compactor of ours applies them.
  static func files(of directory: String) throws -> [(path: String, size: Int)] {
    let segments = try namesInDirectory("\(directory)/chunks").map { "chunks/\($0)" }
    var files = (segments + ["index"]).compactMap { path in
      fileByteCount("\(directory)/\(path)").map { (path: path, size: $0) }
    }
    let tombstones = try Tombstones(ofBlock: directory)
    if let tombstones, !tombstones.isEmpty,
      let size = fileByteCount("\(directory)/\(Tombstones.fileName)")
    {
      files.append((Tombstones.fileName, size))
    }
    return files
  }
}

extension Tombstones {
  /// Nil when the block has no such file.
  fileprivate init?(ofBlock directory: String) throws {
    let path = "\(directory)/\(Tombstones.fileName)"
    guard FileSystem.exists(path) else { return nil }
    let storage = try ByteStorage(mapping: path)
    try self.init(storage.bytes)
  }
}
