internal import BlockCatalog
internal import Console
internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Salvages a block of a bucket and puts the new one in its place.
struct BucketSalvage {
  let bucket: any Bucket
  let scratch: ScratchDirectory
  let context: ToolContext
  var keepsOutsideSamples = false
  /// Used when the damaged block tells none.
  var labels: [ThanosMeta.Label] = []
  var fate = BlockReplacement.OldBlock.deleted
  /// What the files of the new block are hashed with.
  var hashFunction = HashFunction.none

  struct Outcome {
    var report: SalvageReport
    /// The new block.
    var id: BlockID
    /// Whether the old block has its marks.
    var isMarked: Bool
  }

  /// - Parameter directory: where the damaged block can be read.
  /// - Throws: ``ToolError`` when the block is healthy, when nothing can be saved, when it is not
  ///   known whose it is, when the new block is not what was written, or when it could not be
  ///   uploaded. Nothing in the bucket has changed then, but for files without a meta.json.
  func run(_ old: BlockID, in directory: String) throws -> Outcome {
    guard BlockScan(directory: directory, threads: processorCount()).isDamaged else {
      throw ToolError("block \(old) is healthy; there is nothing to salvage")
    }
    var salvage = BlockSalvage(directory: directory)
    salvage.keepsOutsideSamples = keepsOutsideSamples
    let id = BlockID.make(now: WallClock.milliseconds())
    let target = "\(scratch.path)/\(id)"
    context.progress?.begin("salvage")
    defer { context.progress?.clear() }
    let report = try salvage.write(to: target, id: id) { done in
      context.progress?.update(done.readSeries, of: done.totalSeries, "series")
      return true
    }
    guard let report, var meta = report.meta else {
      throw ToolError(
        "nothing of block \(old) can be saved; it was left alone. To give it up: blocktool bucket "
          + "mark --id \(old) --marker deletion --details 'nothing can be saved'")
    }
    let read = try BlockVerification.read(directory: target, threads: processorCount())
    guard let read, read.fingerprint == report.fingerprint, report.isBalanced else {
      throw ToolError(
        "the new block does not hold what was written to it; block \(old) was left alone. Check "
          + "the disk and the memory of this machine")
    }
    var thanos = meta.thanos ?? ThanosMeta()
    thanos.version = 1
    thanos.source = "bucket.repair"
    thanos.indexStats = read.indexStats
    if thanos.labels.isEmpty { thanos.labels = labels }
    guard !thanos.labels.isEmpty else {
      throw ToolError(
        "meta.json of block \(old) does not tell its external labels; give them with --label, such "
          + "as --label cluster=eu-1")
    }
    meta.thanos = thanos
    let replacement = BlockReplacement(
      bucket: bucket, context: context, hashFunction: hashFunction)
    let isMarked = try replacement.replace(
      old, by: target, meta, fate, details: "salvaged as \(id): \(LossSentence(report).text)")
    FileSystem.removeTree(target)
    return Outcome(report: report, id: id, isMarked: isMarked)
  }
}
