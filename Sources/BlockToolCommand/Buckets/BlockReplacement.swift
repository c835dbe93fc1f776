internal import BlockCatalog
internal import Console
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Puts a new block into the place of an old one in a bucket.
///
///     new block proven on disk ─► uploaded, sizes compared ─► old one: no-compact mark, deletion mark
///
/// The new block counts all sources of the old one and itself as its sources. So whoever sees both
/// takes the old one for superseded, gateways and compactors of Thanos too, and nobody takes the new
/// one for a duplicate. The no-compact mark keeps a compactor from merging both before it has looked
/// again. Nothing is marked unless the upload was confirmed.
struct BlockReplacement {
  /// What becomes of the old block.
  enum OldBlock {
    /// It is deleted after the compactor's delay.
    case deleted
    /// It stays for people; queriers do not see it, compactors leave it alone.
    case kept
  }

  let bucket: any Bucket
  let context: ToolContext
  var allowsNoLabels = false
  /// What the files are hashed with for the list in meta.json.
  var hashFunction = HashFunction.none

  /// - Parameters:
  ///   - old: the identity of the block in the bucket.
  ///   - directory: of the new one, which was read back.
  ///   - meta: of the new one, with external labels.
  ///   - details: for the marks.
  ///   - reason: for the no-compact mark, see ``MarkReason``.
  /// - Returns: whether the old block could be marked; one without meta.json cannot.
  func replace(
    _ old: BlockID, by directory: String, _ meta: BlockMeta, _ fate: OldBlock, details: String,
    reason: String = MarkReason.damaged
  ) throws -> Bool {
    try upload(directory, superseding(old, meta))
    let bucket = bucket
    let time = currentMilliseconds() / 1000
    return try waitFor {
      guard try await BlockMarking.isMarkable(old, in: bucket) else { return false }
      _ = try await BlockMarking.write(
        NoCompactMark(id: old, details: details, time: time, reason: reason), of: old,
        in: bucket)
      if fate == .deleted {
        _ = try await BlockMarking.write(
          DeletionMark(id: old, details: details, time: time), of: old, in: bucket)
      }
      return true
    }
  }

  /// Uploads a block that lies in a directory.
  func upload(_ directory: String, _ meta: BlockMeta) throws {
    context.progress?.begin("upload")
    defer { context.progress?.clear() }
    var upload = BlockUpload(
      directory: directory, meta: meta, files: try LocalUpload.files(of: directory))
    upload.allowsNoLabels = allowsNoLabels
    upload.hashFunction = hashFunction
    let (request, bucket) = (upload, bucket)
    do {
      _ = try waitFor { try await request.run(to: bucket, now: WallClock.milliseconds()) }
    } catch let error as BlockUploadError {
      throw ToolError("\(error); the old block was not marked")
    }
  }

  private func superseding(_ old: BlockID, _ meta: BlockMeta) -> BlockMeta {
    var meta = meta
    meta.compaction.sources = Set(meta.compaction.sources + [old, meta.id]).sorted()
    return meta
  }
}
