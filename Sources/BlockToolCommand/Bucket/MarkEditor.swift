internal import BlockCatalog
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// Writes and removes marks, block by block, and tells of each.
struct MarkEditor {
  let bucket: any Bucket
  let format: OutputFormat
  let context: ToolContext
  /// Removals are only told of.
  var isDryRun = false

  /// - Returns: `failed` when a block does not exist; the others are marked nevertheless.
  func write(_ marker: MarkerArgument, _ ids: [BlockID], details: String) throws -> ToolStatus {
    var status = ToolStatus.clean
    for id in ids {
      let bucket = bucket
      let mark = marker.mark(id, details: details, seconds: currentMilliseconds() / 1000)
      let (isThere, isNew) = try waitFor {
        guard try await BlockMarking.isMarkable(id, in: bucket) else { return (false, false) }
        return (true, try await BlockMarking.write(mark, of: id, in: bucket))
      }
      guard isThere else {
        context.remark("blocktool: block \(id) is not in the bucket, or has no meta.json")
        status = .failed
        continue
      }
      try tell(id, marker, isNew ? "marked" : "was marked before")
    }
    return status
  }

  /// - Returns: `failed` when a block does not exist.
  func remove(_ marker: MarkerArgument, _ ids: [BlockID]) throws -> ToolStatus {
    var status = ToolStatus.clean
    for id in ids {
      let (bucket, isDryRun) = (bucket, isDryRun)
      let wasMarked = try waitFor { () -> Bool in
        do {
          if isDryRun { return try await bucket.exists(id.object(marker.fileName)) }
          try await bucket.delete(id.object(marker.fileName))
          return true
        } catch let error as BucketError where error.code == .notFound {
          return false
        }
      }
      let isThere = try waitFor { try await BlockMarking.isMarkable(id, in: bucket) }
      if !isThere {
        context.remark("blocktool: block \(id) is not in the bucket, or has no meta.json")
        status = .failed
      }
      if wasMarked || isThere {
        let removed = isDryRun ? "mark would be removed" : "mark removed"
        try tell(id, marker, wasMarked ? removed : "was not marked")
      }
    }
    return status
  }

  private func tell(_ id: BlockID, _ marker: MarkerArgument, _ what: String) throws {
    switch format {
    case .text: try context.output.write("\(id)  \(marker.fileName)  \(what)\n")
    case .json:
      let line = RawJSON.object([
        "ulid": .string(id.description), "marker": .string(marker.fileName),
        "result": .string(what),
      ])
      try context.output.write(line.compactBytes + [0x0A])
    }
  }
}
