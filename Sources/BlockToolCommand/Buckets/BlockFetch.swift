internal import BlockCatalog
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// Which files of a block a command reads.
enum BlockParts {
  case all
  /// All but the segments.
  case index

  func contains(_ path: some StringProtocol) -> Bool { self == .all || !path.hasPrefix("chunks/") }
}

/// Copies blocks out of a bucket, a few pieces at a time.
struct BlockFetch {
  private static let pieceByteCount = 8 << 20
  private static let piecesAtOnce = 4

  let bucket: any Bucket
  let context: ToolContext

  /// Copies the files of a block, marks included, into `directory`.
  ///
  /// - Throws: ``ToolError`` when the bucket has no such block.
  func copy(_ id: BlockID, to directory: String, _ parts: BlockParts = .all) throws {
    let bucket = bucket
    let objects = try waitFor { try await bucket.list(id.directory(), recursive: true) }
    guard !objects.isEmpty else { throw ToolError("block \(id) is not in the bucket") }
    let wanted = objects.filter { parts.contains($0.name.text.dropFirst("\(id)/".utf8.count)) }
    let total = wanted.reduce(0) { $0 + $1.size }
    context.progress?.begin("download")
    defer { context.progress?.clear() }
    var done = 0
    for object in wanted {
      let path = "\(directory)/\(object.name.text.dropFirst("\(id)/".utf8.count))"
      try copy(object, to: path) { count in
        done += count
        context.progress?.update(done >> 10, of: total >> 10, "KiB")
      }
    }
  }

  /// Copies one object to a file that does not exist yet.
  func copy(_ object: ListedObject, to path: String, report: (Int) -> Void) throws {
    if let slash = path.lastIndex(of: "/") {
      try FileSystem.makeDirectories(String(path[..<slash]))
    }
    try FileSystem.append([], to: path)
    let bucket = bucket
    var position = 0
    while position < object.size {
      let starts = stride(from: position, to: object.size, by: Self.pieceByteCount)
        .prefix(Self.piecesAtOnce)
      let ranges = starts.map { $0..<min($0 + Self.pieceByteCount, object.size) }
      let pieces = try waitFor {
        try await inParallel(ranges, limit: ranges.count) { (range) throws(BucketError) in
          try await bucket.read(object.name, range: range)
        }
      }
      for (piece, range) in zip(pieces, ranges) {
        guard piece.count == range.count else {
          throw ToolError(
            "\(object.name) ends before its \(object.size) bytes; somebody is replacing it")
        }
        try FileSystem.append(piece, to: path)
        position = range.upperBound
        report(piece.count)
      }
    }
  }
}
