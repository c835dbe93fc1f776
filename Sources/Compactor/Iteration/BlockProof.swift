internal import BlockCatalog
internal import TSDBBlock

/// What a new block must hold, to be compared with what is read back from disk.
struct BlockProof: Equatable, Sendable {
  /// Of everything that was to be written.
  let fingerprint: BlockFingerprint
  let series: UInt64
  /// Names of the segment files.
  let segments: [String]

  /// - Parameters:
  ///   - meta: of the block, with the numbers of what was written.
  ///   - threadCount: threads that read.
  /// - Returns: nil when the task was cancelled.
  /// - Throws: ``BlockError`` when the block holds anything else, or cannot be read.
  func verify(
    _ directory: String, _ meta: BlockMeta, threadCount: Int
  ) throws(BlockError) -> ProvenBlock? {
    guard
      let found = try BlockVerification.read(
        directory: directory, threads: threadCount, proceed: { _ in !Task.isCancelled })
    else { return nil }
    guard found.fingerprint == fingerprint, found.series == series else {
      throw BlockError(
        .malformed, path: directory,
        detail: "the new block holds \(found.fingerprint.samples) samples in "
          + "\(found.fingerprint.chunks) chunks that differ from the "
          + "\(fingerprint.samples) in \(fingerprint.chunks) that were to be written")
    }
    var meta = meta
    meta.thanos?.indexStats = found.indexStats
    var files: [(path: String, size: Int)] = []
    for path in segments.map({ "chunks/\($0)" }) + ["index"] {
      files.append((path, try ByteStorage(mapping: "\(directory)/\(path)").count))
    }
    return ProvenBlock(directory: directory, meta: meta, files: files, proof: self)
  }
}
