internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// Where blocks are assembled before they are uploaded.
///
///     <data-dir>/compact/<group>/<ULID>/
///
/// Everything below `compact` is ours and disposable. When the data directory lies in the bucket's
/// own directory, or the bucket below `compact`, the name begins with a dot, so that nobody takes
/// the one for the other.
struct WorkDirectory: Sendable {
  private let root: String

  /// Blocks its thread.
  init(dataDirectory: String, bucket: any Bucket) {
    let data = FileSystem.resolved(dataDirectory)
    let isNearBucket = Self.directory(of: bucket).map { blocks in
      Self.contains(blocks, data) || Self.contains("\(data)/compact", blocks)
    }
    root = data + (isNearBucket == true ? "/.blockhouse-compact" : "/compact")
  }

  /// The directory of a bucket that is one.
  private static func directory(of bucket: any Bucket) -> String? {
    guard let name = try? ObjectName("x"), let path = bucket.localPath(name) else { return nil }
    return FileSystem.resolved(String(path.dropLast(2)))
  }

  private static func contains(_ directory: String, _ path: String) -> Bool {
    path == directory || path.utf8.starts(with: "\(directory)/".utf8)
  }

  /// Makes the directory of a group, empty.
  func make(for key: GroupKey) throws(BlockError) -> String {
    let directory = path(of: key)
    FileSystem.removeTree(directory)
    try FileSystem.makeDirectories(directory)
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
