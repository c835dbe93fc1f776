internal import CommandSupport
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// The blocks to verify: directories, or blocks of a remote bucket that are copied a few at a time.
struct VerificationSource {
  private let directories: [String]
  /// Nil where the directories are the blocks' own.
  private let remote: (bucket: any Bucket, scratchParent: String?)?

  init(_ paths: [String], _ input: BlockInput, _ context: ToolContext) throws {
    guard input.isBucket else {
      self = Self(directories: try Self.blocks(paths))
      return
    }
    let bucket = try context.openBucket(input.objectStore.source)
    let ids = try paths.map { path in
      guard let id = BlockID(path) else {
        throw ToolError("\(path) is no ULID; blocks of a bucket are named by their ULIDs")
      }
      return id
    }
    self = try Self(bucket, ids.isEmpty ? nil : ids, scratchParent: input.scratch)
  }

  private init(directories: [String]) {
    self.directories = directories
    remote = nil
  }

  /// - Parameter ids: nil for all blocks of the bucket.
  init(_ bucket: any Bucket, _ ids: [BlockID]?, scratchParent: String?) throws {
    let all = try waitFor { try await bucket.list(nil, recursive: false) }
      .filter(\.isDirectory).compactMap { BlockID($0.name.lastComponent) }.sorted()
    for id in ids ?? [] where !all.contains(id) {
      throw ToolError("block \(id) is not in the bucket")
    }
    let names = (ids ?? all).map(\.description)
    if let local = bucket.localDirectory {
      directories = names.map { "\(local)/\($0)" }
      remote = nil
    } else {
      directories = names
      remote = (bucket, scratchParent)
    }
  }

  var count: Int { directories.count }

  /// Calls `body` with the blocks in their order, on this thread.
  func verify(
    threads: Int, _ context: ToolContext, _ body: (VerifiedBlock) throws -> Void
  ) throws {
    guard let remote else {
      return try ParallelVerification.run(directories, threads: threads, body)
    }
    for start in stride(from: 0, to: directories.count, by: threads) {
      let names = directories[start..<min(start + threads, directories.count)]
      let scratch = try ScratchDirectory(in: remote.scratchParent)
      let fetch = BlockFetch(bucket: remote.bucket, context: context)
      for name in names {
        guard let id = BlockID(name) else { continue }
        try fetch.copy(id, to: "\(scratch.path)/\(name)")
      }
      context.progress?.begin("verify")
      try ParallelVerification.run(names.map { "\(scratch.path)/\($0)" }, threads: threads) {
        var block = $0
        block.directory = String(block.directory.dropFirst(scratch.path.utf8.count + 1))
        try body(block)
      }
    }
  }

  /// The blocks that the arguments name, in the order of these and then by path.
  private static func blocks(_ paths: [String]) throws -> [String] {
    var found: [String] = []
    for path in paths {
      guard isDirectory(path) else {
        throw ToolError("\(path) is not a directory; name a block or a directory of blocks")
      }
      let below = isBlock(path) ? [path] : try blocks(below: path, depth: 0)
      guard !below.isEmpty else { throw ToolError("there are no blocks in \(path)") }
      found += below.filter { !found.contains($0) }
    }
    return found
  }

  /// Deeper than any layout of a bucket.
  private static let depthLimit = 8

  private static func blocks(below path: String, depth: Int) throws -> [String] {
    guard depth < Self.depthLimit else { return [] }
    var found: [String] = []
    for name in try namesInDirectory(path) {
      let child = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      guard isDirectory(child) else { continue }
      if BlockID(name) != nil {
        found.append(child)
      } else {
        found += try blocks(below: child, depth: depth + 1)
      }
    }
    return found
  }
}
