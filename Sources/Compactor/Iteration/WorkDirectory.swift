internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// Where blocks are assembled before they are uploaded.
///
///     <data-dir>/compact/<group>/                        see JobDirectory
///     <data-dir>/downsample/<ULID of the finer block>/
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
    let isNearBucket = bucket.localDirectory.map(FileSystem.resolved).map { blocks in
      Self.contains(blocks, data)
        || Area.allCases.contains { Self.contains("\(data)/\($0.rawValue)", blocks) }
    }
    prefix = data + (isNearBucket == true ? "/.blockhouse-" : "/")
  }

  private static func contains(_ directory: String, _ path: String) -> Bool {
    path == directory || path.utf8.starts(with: "\(directory)/".utf8)
  }

  func job(_ area: Area, _ name: String) -> JobDirectory {
    JobDirectory(path: "\(prefix)\(area.rawValue)/\(name)")
  }

  /// Prepares the directory of a job for as long as `body` runs. When it throws, or stops before it
  /// is done, what another try can use is left.
  func using<Value: Sendable>(
    _ job: JobDirectory, inputs: Set<BlockID>, isDone: (Value) -> Bool,
    _ body: () async throws(JobFailure) -> Value
  ) async throws(JobFailure) -> Value {
    try await onBlockingThread { () throws(JobFailure) in
      try JobFailure.blaming(nil) { () throws(BlockError) in try job.prepare(inputs: inputs) }
    }
    let result: Result<Value, JobFailure>
    do throws(JobFailure) {
      result = .success(try await body())
    } catch {
      result = .failure(error)
    }
    let isOver = (try? result.get()).map(isDone) ?? false
    await onBlockingThread { if isOver { job.remove() } else { job.tidy() } }
    return try result.get()
  }

  /// Removes the directories of jobs that nobody has any more.
  func retain(_ area: Area, _ names: Set<String>) async {
    await onBlockingThread {
      for name in (try? FileSystem.names(in: prefix + area.rawValue)) ?? []
      where !names.contains(name) { job(area, name).remove() }
    }
  }

  /// Removes the directory of a job that there is nothing to do for.
  func remove(_ job: JobDirectory) async { await onBlockingThread { job.remove() } }

  /// Removes what no job can use, also what a killed process left. Blocks its thread.
  func tidy() {
    for area in Area.allCases {
      for name in (try? FileSystem.names(in: prefix + area.rawValue)) ?? [] {
        job(area, name).tidy()
      }
    }
    removeEmptyAreas()
  }

  /// Removes the areas, if no job left anything. Blocks its thread.
  private func removeEmptyAreas() {
    for area in Area.allCases {
      if let names = try? FileSystem.names(in: prefix + area.rawValue), names.isEmpty {
        FileSystem.removeTree(prefix + area.rawValue)
      }
    }
  }

  /// Removes everything. Blocks its thread.
  func removeAll() {
    for area in Area.allCases { FileSystem.removeTree(prefix + area.rawValue) }
  }
}
