internal import BlockCatalog
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// Copies blocks from a bucket to another one so that no reader there sees half of one:
///
///     chunks ─► index ─► other files ─► sizes compared ─► meta.json
///
/// Objects go through a local file, so that memory is bounded whatever their sizes. Files that are
/// there already with the right size are not sent again. Marks stay behind.
struct BlockTransfer {
  let source: any Bucket
  let target: any Bucket
  let scratch: ScratchDirectory
  let context: ToolContext

  private static let marks: Set<Substring> = [
    DeletionMark.fileName[...], NoCompactMark.fileName[...], NoDownsampleMark.fileName[...],
  ]

  /// What was sent of a block.
  struct Sent {
    var objects = 0
    var bytes = 0
  }

  /// - Returns: nil when the same meta.json was there already.
  /// - Throws: ``ToolError``, ``BucketError``; meta.json was not written then.
  func copy(_ id: BlockID) throws -> Sent? {
    let (source, target) = (source, target)
    let meta = try waitFor { try await source.read(id.object(BlockMeta.fileName)) }
    let present = try waitFor { try await Self.read(id.object(BlockMeta.fileName), of: target) }
    if present == meta { return nil }
    let files = try waitFor { try await source.list(id.directory(), recursive: true) }
      .filter {
        !Self.marks.contains($0.name.lastComponent) && $0.name.lastComponent != "meta.json"
      }
      .sorted { Self.rank($0, id) < Self.rank($1, id) }
    let total = files.reduce(0) { $0 + $1.size }
    context.progress?.begin("\(id)")
    defer { context.progress?.clear() }
    var sent = Sent()
    var done = 0
    let fetch = BlockFetch(bucket: source, context: context)
    for file in files {
      if try size(of: file.name) == file.size {
        done += file.size
        continue
      }
      let path = "\(scratch.path)/object"
      FileSystem.removeTree(path)
      try fetch.copy(file, to: path) { count in
        done += count
        context.progress?.update(done >> 10, of: total >> 10, "KiB")
      }
      try waitFor { try await target.upload(file: path, to: file.name) }
      FileSystem.removeTree(path)
      sent.objects += 1
      sent.bytes += file.size
    }
    for file in files {
      let size = try size(of: file.name)
      guard size == file.size else {
        throw ToolError(
          "\(file.name) has \(size ?? 0) bytes in the other bucket and \(file.size) in this one; "
            + "try again")
      }
    }
    try waitFor { try await target.write(meta, to: id.object(BlockMeta.fileName)) }
    sent.objects += 1
    sent.bytes += meta.count
    return sent
  }

  private static func rank(_ file: ListedObject, _ id: BlockID) -> (Int, ObjectName) {
    let path = file.name.text.dropFirst("\(id)/".utf8.count)
    return (path.hasPrefix("chunks/") ? 0 : path == "index" ? 1 : 2, file.name)
  }

  /// Nil when there is no such object.
  private func size(of name: ObjectName) throws -> Int? {
    let target = target
    return try waitFor {
      do {
        return try await target.attributes(name).size
      } catch let error as BucketError where error.code == .notFound {
        return nil
      }
    }
  }

  private static func read(
    _ name: ObjectName, of bucket: any Bucket
  ) async throws(BucketError) -> [UInt8]? {
    do {
      return try await bucket.read(name)
    } catch  where error.code == .notFound {
      return nil
    }
  }
}
