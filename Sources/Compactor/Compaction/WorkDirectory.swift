internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// Where blocks are assembled before they are uploaded.
///
///     <data-dir>/compact/<group>/<ULID>/
///
/// Everything below `compact` is ours and disposable. When the data directory lies in the bucket's
/// own directory, the name begins with a dot, so that nobody takes it for part of the bucket.
struct WorkDirectory: Sendable {
  private let dataDirectory: String
  private let root: String

  init(dataDirectory: String, bucket: any Bucket) {
    self.dataDirectory = dataDirectory
    let isInBucket = Self.bucketDirectory(of: bucket).map { bucketDirectory in
      let data = FileSystem.resolved(dataDirectory)
      let blocks = FileSystem.resolved(bucketDirectory)
      return data == blocks || data.hasPrefix(blocks + "/")
    }
    root = dataDirectory + (isInBucket == true ? "/.blockhouse-compact" : "/compact")
  }

  /// The directory of a bucket that is one.
  private static func bucketDirectory(of bucket: any Bucket) -> String? {
    guard let name = try? ObjectName("x"), let path = bucket.localPath(name) else { return nil }
    return String(path.dropLast(2))
  }

  /// Makes the directory of a group, empty.
  func make(for key: GroupKey) throws(BlockError) -> String {
    let directory = path(of: key)
    FileSystem.removeTree(directory)
    for path in [dataDirectory, root, directory] { try FileSystem.makeDirectories(path) }
    return directory
  }

  func remove(for key: GroupKey) {
    FileSystem.removeTree(path(of: key))
  }

  /// Removes everything, also what a killed process left.
  func removeAll() {
    FileSystem.removeTree(root)
  }

  private func path(of key: GroupKey) -> String { "\(root)/\(key)" }
}
