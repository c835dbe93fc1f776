internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// Where blocks are assembled before they are uploaded.
///
///     <data-dir>/compact/<group>/<ULID>/
///     <data-dir>/downsample/<ULID of the finer block>/<ULID>/
///
/// Everything below `compact` and `downsample` is ours and disposable. When the data directory lies
/// in the bucket's own directory, or the bucket below one of these, the names begin with a dot, so
/// that nobody takes the one for the other.
struct WorkDirectory: Sendable {
  enum Area: String, CaseIterable {
    case compaction = "compact"
    case downsampling = "downsample"
  }

  private let prefix: String

  /// Blocks its thread.
  init(dataDirectory: String, bucket: any Bucket) {
    let data = FileSystem.resolved(dataDirectory)
    let isNearBucket = Self.directory(of: bucket).map { blocks in
      Self.contains(blocks, data)
        || Area.allCases.contains { Self.contains("\(data)/\($0.rawValue)", blocks) }
    }
    prefix = data + (isNearBucket == true ? "/.blockhouse-" : "/")
  }

  /// The directory of a bucket that is one.
  private static func directory(of bucket: any Bucket) -> String? {
    guard let name = try? ObjectName("x"), let path = bucket.localPath(name) else { return nil }
    return FileSystem.resolved(String(path.dropLast(2)))
  }

  private static func contains(_ directory: String, _ path: String) -> Bool {
    path == directory || path.utf8.starts(with: "\(directory)/".utf8)
  }

  /// Makes a directory, empty, for as long as `body` runs.
  func using<Value: Sendable>(
    _ area: Area, _ name: String, _ body: (String) async throws(JobFailure) -> Value
  ) async throws(JobFailure) -> Value {
    let directory = try await onBlockingThread { () throws(JobFailure) in
      try JobFailure.blaming(nil) { () throws(BlockError) in try make(area, name) }
    }
    let result: Result<Value, JobFailure>
    do throws(JobFailure) {
      result = .success(try await body(directory))
    } catch {
      result = .failure(error)
    }
    await onBlockingThread { FileSystem.removeTree(directory) }
    return try result.get()
  }

  /// Makes a directory, empty. Blocks its thread.
  func make(_ area: Area, _ name: String) throws(BlockError) -> String {
    let directory = path(area, name)
    FileSystem.removeTree(directory)
    try FileSystem.makeDirectories(directory)
    return directory
  }

  /// Removes everything, also what a killed process left.
  func removeAll() {
    for area in Area.allCases { FileSystem.removeTree(prefix + area.rawValue) }
  }

  private func path(_ area: Area, _ name: String) -> String {
    "\(prefix)\(area.rawValue)/\(name)"
  }
}
