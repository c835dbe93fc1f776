internal import BlockCatalog
internal import Logging
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Writes marks, and counts and logs those that are new.
struct Marking: Sendable {
  let bucket: any Bucket
  let environment: CompactorEnvironment

  /// Marks a block for deletion; returns whether it had no such mark.
  func delete(_ id: BlockID, details: String) async throws(BucketError) -> Bool {
    let mark = DeletionMark(id: id, details: details, time: environment.now() / 1000)
    guard try await BlockMarking.write(mark, of: id, in: bucket) else { return false }
    count(DeletionMark.fileName, "")
    return true
  }

  /// Keeps a block out of compaction.
  func exclude(_ id: BlockID, reason: String, details: String) async throws(BucketError) {
    let mark = NoCompactMark(
      id: id, details: details, time: environment.now() / 1000, reason: reason)
    guard try await BlockMarking.write(mark, of: id, in: bucket) else { return }
    count(NoCompactMark.fileName, reason)
    environment.logger.warning(
      "marked a block as not to be compacted",
      metadata: ["block": "\(id)", "reason": "\(reason)", "details": "\(details)"])
  }

  /// Keeps a block out of downsampling.
  func excludeFromDownsampling(
    _ id: BlockID, reason: String, details: String
  ) async throws(BucketError) {
    let mark = NoDownsampleMark(
      id: id, details: details, time: environment.now() / 1000, reason: reason)
    guard try await BlockMarking.write(mark, of: id, in: bucket) else { return }
    count(NoDownsampleMark.fileName, reason)
    environment.logger.warning(
      "marked a block as not to be downsampled",
      metadata: ["block": "\(id)", "reason": "\(reason)", "details": "\(details)"])
  }

  private func count(_ marker: String, _ reason: String) {
    environment.metrics.blocksMarked(marker: marker, reason: reason).increment()
  }
}

extension JobFailure {
  /// The reason in the mark of a damaged block.
  var markReason: String {
    damage == .overlap ? MarkReason.outOfOrderChunks : MarkReason.damaged
  }

  /// The details in the mark of a damaged block, with what to do.
  var markDetails: String {
    "\(reason); see what is left of it with: blocktool inspect"
      + (block.map { " \($0)" } ?? "")
  }
}
