internal import ArgumentParser
internal import CommandSupport
internal import ObjectStore
internal import TSDBBlock

/// Where blocks lie: a directory, or a bucket as the services configure it.
struct BlocksLocation: ParsableArguments {
  @Argument(help: "The directory that holds the blocks.")
  var directory: String?

  @OptionGroup var objectStore: ObjectStoreOptions

  func validate() throws {
    guard (directory != nil) != objectStore.isGiven else {
      throw ValidationError(
        "Name a directory, or a bucket with --objstore.config-file or --objstore.config.")
    }
  }

  /// A directory is a bucket too.
  func bucket(_ context: ToolContext) throws -> any Bucket {
    guard let directory else {
      let bucket = try context.openBucket(objectStore.source)
      if let path = bucket.localDirectory { try check(path) }
      return bucket
    }
    try check(directory)
    return try FilesystemBucket(directory: directory)
  }

  private func check(_ path: String) throws {
    guard isDirectory(path) else {
      throw ToolError("\(path) is not a directory; name one that holds blocks")
    }
  }
}
