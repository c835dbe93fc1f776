internal import ArgumentParser
internal import CommandSupport
internal import ObjectStore
internal import TSDBBlock

/// Where the blocks of a command are: in directories, or in a bucket, where they are named by ULID.
struct BlockInput: ParsableArguments {
  @OptionGroup var objectStore: ObjectStoreOptions

  @Option(
    name: .customLong("tmp.dir"),
    help: ArgumentHelp(
      "Where blocks of a remote bucket are copied to while the command runs.", valueName: "path"))
  var scratch: String?

  /// Whether the blocks are in a bucket.
  var isBucket: Bool { objectStore.isGiven }

  /// Calls `body` with the directories of the blocks: in a bucket that is a directory their own, else
  /// copies that go away afterwards.
  ///
  /// - Parameter names: paths without a bucket; with one ULIDs, or `ULID/FILE`.
  func withBlocks<Result>(
    _ names: [String], _ context: ToolContext, parts: BlockParts = .all,
    _ body: ([String]) throws -> Result
  ) throws -> Result {
    guard isBucket else { return try body(names) }
    let bucket = try context.openBucket(objectStore.source)
    if let directory = bucket.localDirectory {
      return try body(names.map { "\(directory)/\(try Self.objectName($0))" })
    }
    let scratch = try ScratchDirectory(in: scratch)
    return try withExtendedLifetime(scratch) {
      var paths: [String] = []
      let fetch = BlockFetch(bucket: bucket, context: context)
      for name in names {
        let object = try Self.objectName(name)
        if let id = BlockID(object.components[0]), !FileSystem.exists("\(scratch.path)/\(id)") {
          try fetch.copy(id, to: "\(scratch.path)/\(id)", parts)
        }
        paths.append("\(scratch.path)/\(object)")
      }
      return try body(paths)
    }
  }

  /// The same for one block.
  func withBlock<Result>(
    _ name: String, _ context: ToolContext, parts: BlockParts = .all,
    _ body: (String) throws -> Result
  ) throws -> Result {
    try withBlocks([name], context, parts: parts) { try body($0[0]) }
  }

  /// Checked as names of objects are, so that no path leads out of the bucket.
  static func objectName(_ name: String) throws -> ObjectName {
    guard let object = try? ObjectName(name), BlockID(object.components[0]) != nil else {
      throw ToolError(
        "\(name) is no ULID; a block of a bucket is named by its ULID, such as "
          + "01HRHZ2KZ8H174NHP7YJ73AGKH")
    }
    return object
  }
}
