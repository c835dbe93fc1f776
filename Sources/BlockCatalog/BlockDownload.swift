public import ObjectStore
public import TSDBBlock

/// Copies a block from a bucket to a local directory.
///
///     meta.json ─► for each other file: is what lies here the same? ─┬─► keep
///                                                                    └─► fetch, compare, rename
///
/// A file is the same when it has the object's size and either the hash that meta.json tells, or,
/// where that tells none, the object's time. So a download that was interrupted goes on with the
/// files that are missing.
public struct BlockDownload: Sendable {
  /// What was done.
  public struct Report: Equatable, Sendable {
    public var fetchedFiles = 0
    /// Files that were there already.
    public var keptFiles = 0

    public init() {}
  }

  /// Ends the name of a file that is not whole yet.
  private static let temporarySuffix = ".part"

  private static let marks: Set<Substring> = [
    DeletionMark.fileName[...], NoCompactMark.fileName[...], NoDownsampleMark.fileName[...],
  ]

  private let id: BlockID
  private let bucket: any Bucket
  private let directory: String

  /// Copies everything but marks into `directory`, and removes from it what the block does not have.
  ///
  /// - Parameter fileConcurrency: files that are fetched at once.
  @discardableResult
  public static func run(
    _ id: BlockID, from bucket: any Bucket, to directory: String, fileConcurrency: Int = 1
  ) async throws(BlockDownloadError) -> Report {
    try await BlockDownload(id: id, bucket: bucket, directory: directory).run(fileConcurrency)
  }

  private func run(_ fileConcurrency: Int) async throws(BlockDownloadError) -> Report {
    var files: [(path: String, object: ListedObject)] = []
    do {
      for object in try await bucket.list(id.directory(), recursive: true) {
        let path = object.name.text.dropFirst("\(id)/".utf8.count)
        if !Self.marks.contains(path) { files.append((String(path), object)) }
      }
    } catch {
      throw .bucket(error)
    }
    try await makeDirectories(for: files.map(\.path))
    var hashes: [String: ThanosMeta.File.Hash] = [:]
    if let meta = files.first(where: { $0.path == BlockMeta.fileName }) {
      try await fetch(meta.path, meta.object, hash: nil)
      hashes = await readHashes()
    }
    let (known, directory) = (hashes, directory)
    let fetched = try await inParallel(
      files.filter { $0.path != BlockMeta.fileName }, limit: fileConcurrency
    ) { (path, object) throws(BlockDownloadError) -> Bool in
      let isThere = await onBlockingThread {
        Self.isCopy("\(directory)/\(path)", of: object, hash: known[path])
      }
      if !isThere { try await fetch(path, object, hash: known[path]) }
      return !isThere
    }
    var report = Report()
    report.fetchedFiles = fetched.count { $0 }
    report.keptFiles = fetched.count - report.fetchedFiles
    return report
  }

  private static func isCopy(
    _ path: String, of object: ListedObject, hash: ThanosMeta.File.Hash?
  ) -> Bool {
    guard let file = LocalCopy.attributes(path), file.size == object.size else { return false }
    guard let hash else {
      return object.modifiedMilliseconds > 0
        && file.modifiedMilliseconds == object.modifiedMilliseconds
    }
    return (try? FileHash.of(path))?.value == hash.value
  }

  /// Hashes by path; none where meta.json cannot be read, which whoever opens the block will find.
  private func readHashes() async -> [String: ThanosMeta.File.Hash] {
    let path = "\(directory)/\(BlockMeta.fileName)"
    return await onBlockingThread {
      guard let bytes = LocalCopy.read(path), let meta = try? BlockMeta(json: bytes) else {
        return [:]
      }
      return meta.thanos?.fileHashes ?? [:]
    }
  }

  // MARK: Files

  /// Makes the directories of these files, and removes what is not among the files.
  private func makeDirectories(for paths: [String]) async throws(BlockDownloadError) {
    let directory = directory
    do {
      try await onBlockingThread { () throws(BlockError) in
        var wanted: [String: Set<String>] = ["": []]
        for path in paths {
          var parts = path.split(separator: "/").map(String.init)
          while let name = parts.popLast() {
            wanted[parts.joined(separator: "/"), default: []].insert(name)
          }
        }
        for (parent, names) in wanted.sorted(by: { $0.key < $1.key }) {
          let parent = parent.isEmpty ? directory : "\(directory)/\(parent)"
          try FileSystem.makeDirectories(parent)
          for name in try FileSystem.names(in: parent) where !names.contains(name) {
            FileSystem.removeTree("\(parent)/\(name)")
          }
        }
      }
    } catch {
      throw .file(error)
    }
  }

  private func fetch(
    _ path: String, _ object: ListedObject, hash: ThanosMeta.File.Hash?
  ) async throws(BlockDownloadError) {
    let target = "\(directory)/\(path)"
    let temporary = target + Self.temporarySuffix
    var found = try await copy(object, to: temporary, hashes: hash != nil)
    if let hash, found != hash.value {
      // What differs once may have been damaged on its way.
      found = try await copy(object, to: temporary, hashes: true)
      guard found == hash.value else {
        throw .hashDiffers(object.name, expected: hash.value, actual: found)
      }
    }
    try await writing { () throws(BucketError) in
      try LocalCopy.publish(
        temporary, as: target, modifiedMilliseconds: object.modifiedMilliseconds)
    }
  }

  /// - Returns: the hash of what was copied.
  private func copy(
    _ object: ListedObject, to temporary: String, hashes: Bool
  ) async throws(BlockDownloadError) -> String {
    let byteCount: Int
    do {
      byteCount = try await bucket.download(object.name, to: temporary)
    } catch {
      throw .bucket(error)
    }
    guard byteCount == object.size else { throw .differs(object.name, expected: object.size) }
    guard hashes else { return "" }
    do {
      return try await onBlockingThread { () throws(BucketError) in try FileHash.of(temporary) }
        .value
    } catch {
      throw .bucket(error)
    }
  }

  private func writing(
    _ body: @Sendable () throws(BucketError) -> Void
  ) async throws(BlockDownloadError) {
    do {
      try await onBlockingThread(body)
    } catch {
      throw .bucket(error)
    }
  }
}

public enum BlockDownloadError: Error, Equatable, Sendable, CustomStringConvertible {
  case bucket(BucketError)
  case file(BlockError)
  /// The object is not as long as it was when it was listed.
  case differs(ObjectName, expected: Int)
  /// The object holds, twice in a row, other bytes than its uploader wrote.
  case hashDiffers(ObjectName, expected: String, actual: String)

  public var description: String {
    switch self {
    case .bucket(let error): "\(error)"
    case .file(let error): "\(error)"
    case .differs(let name, let expected):
      "\(name) has not the \(expected) bytes it was listed with; somebody is replacing it"
    case .hashDiffers(let name, let expected, let actual):
      "\(name) has the SHA-256 \(actual), meta.json says \(expected)"
    }
  }
}
