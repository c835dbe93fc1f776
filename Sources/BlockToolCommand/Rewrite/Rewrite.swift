internal import BlockCatalog
internal import CommandSupport
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// Rewrites one block as a command asks for it.
struct Rewrite {
  let request: RewriteRequest
  let command: RewriteCommand
  /// Where the block lies and the new one goes; nil for local blocks.
  let bucket: (any Bucket)?
  let scratch: ScratchDirectory
  let context: ToolContext

  /// - Parameter path: the directory of the block.
  func run(_ path: String) throws {
    let input = try openBlock(path)
    if bucket != nil, !command.takesPrometheusBlocks,
      (input.meta.thanos?.labels ?? []).isEmpty
    {
      throw ToolError(
        "block \(input.meta.id) has no external labels; give --prom-blocks to take it nevertheless")
    }
    var edit = BlockEdit(input: input)
    edit.deletions = request.deletions
    if let relabeling = request.relabeling { edit.relabel = { relabeling.apply(to: $0) } }
    if command.dryRun {
      try tellChanges(of: edit, id: input.meta.id)
    } else {
      try write(edit, of: input)
    }
  }

  private func tellChanges(of edit: BlockEdit, id: BlockID) throws {
    let output = context.output
    var log = ChangeLog { line in try output.write("\(id) \(line)") }
    try edit.examine { change in try log.add(change) }
    try context.output.write(
      "\(id) would lose samples of \(HumanText.count(log.deletedSeries)) series, "
        + "\(HumanText.count(log.relabelledSeries)) series would be relabelled; nothing was "
        + "written, see --no-dry-run\n")
  }

  private func write(_ edit: BlockEdit, of input: BlockReader) throws {
    let directory = bucket == nil ? command.directory ?? scratch.path : scratch.path
    let block = try NewBlock(in: directory, meta(of: input.meta), context)
    let log = LogFile("\(scratch.path)/\(block.id).log")
    if command.addsChangeLog {
      var changes = ChangeLog(log.write)
      try edit.examine { change in try changes.add(change) }
      try log.flush()
    }
    let hasSamples = try block.write { (writer) throws(BlockMergeError) in
      context.progress?.begin("rewriting")
      let summary = try edit.run(into: writer) { progress in
        context.progress?.update(progress.readSeries, of: progress.totalSeries, "series")
        return true
      }
      return summary.map { NewBlock.Written(fingerprint: $0.fingerprint, series: $0.series) }
    }
    guard hasSamples else {
      try tellEmpty(input.meta.id)
      return
    }
    // Of a block of a bucket the upload lists them.
    if bucket == nil { try block.listFiles(command.hashes.function) }
    try block.publish()
    // Behind the block's own files, whose writing ends with its name.
    try log.move(to: "\(block.path)/change.log")
    if let bucket { try upload(block, input.meta.id, to: bucket) }
    try block.tell(command.output)
  }

  private func meta(of old: BlockMeta) -> BlockMeta {
    var meta = BlockLineage.part(of: old, minTime: old.minTime, maxTime: old.maxTime)
    var thanos = meta.thanos ?? ThanosMeta()
    thanos.version = 1
    thanos.source = "bucket.rewrite"
    var record = request.record
    record.sources = old.compaction.sources
    thanos.rewrites.append(record)
    meta.thanos = thanos
    return meta
  }

  /// With the old block to be deleted the new one supersedes it; else both stand side by side, as in
  /// Thanos, and nothing relates them.
  private func upload(_ block: NewBlock, _ old: BlockID, to bucket: any Bucket) throws {
    let replacement = BlockReplacement(
      bucket: bucket, context: context, allowsNoLabels: command.takesPrometheusBlocks,
      hashFunction: command.hashes.function)
    if command.deletesBlocks {
      let isMarked = try replacement.replace(
        old, by: block.path, block.meta, .deleted, details: "block rewritten as \(block.id)",
        reason: MarkReason.manual)
      if !isMarked { context.remark("blocktool: block \(old) could not be marked for deletion") }
    } else {
      var meta = block.meta
      meta.compaction.sources = [meta.id]
      try replacement.upload(block.path, meta)
    }
  }

  private func tellEmpty(_ old: BlockID) throws {
    if let bucket, command.deletesBlocks {
      let mark = DeletionMark(
        id: old, details: "block rewritten: nothing is left", time: currentMilliseconds() / 1000)
      _ = try waitFor { try await BlockMarking.write(mark, of: old, in: bucket) }
    }
    context.remark("blocktool: nothing is left of block \(old); no block was written")
  }
}
