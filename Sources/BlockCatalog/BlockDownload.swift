public import ObjectStore
public import TSDBBlock

/// Copies a block from a bucket to a local directory.
public enum BlockDownload {
  private static let marks: Set<Substring> = [
    DeletionMark.fileName[...], NoCompactMark.fileName[...], NoDownsampleMark.fileName[...],
  ]

  /// Copies everything but marks into `directory`, which must not hold these files yet.
  public static func run(
    _ id: BlockID, from bucket: any Bucket, to directory: String
  ) async throws(BlockDownloadError) {
    let objects: [ListedObject]
    do {
      objects = try await bucket.list(id.directory(), recursive: true)
    } catch {
      throw .bucket(error)
    }
    for object in objects {
      let path = object.name.text.dropFirst("\(id)/".utf8.count)
      if !marks.contains(path) { try await copy(object, from: bucket, to: "\(directory)/\(path)") }
    }
  }

  private static func copy(
    _ object: ListedObject, from bucket: any Bucket, to path: String
  ) async throws(BlockDownloadError) {
    try await writing { () throws(BlockError) in
      if let slash = path.lastIndex(of: "/") {
        try FileSystem.makeDirectories(String(path[..<slash]))
      }
    }
    let byteCount: Int
    do {
      byteCount = try await bucket.download(object.name, to: path)
    } catch {
      throw .bucket(error)
    }
    guard byteCount == object.size else { throw .differs(object.name, expected: object.size) }
  }

  private static func writing(
    _ body: @Sendable () throws(BlockError) -> Void
  ) async throws(BlockDownloadError) {
    do {
      try await onBlockingThread(body)
    } catch {
      throw .file(error)
    }
  }
}

public enum BlockDownloadError: Error, Equatable, Sendable, CustomStringConvertible {
  case bucket(BucketError)
  case file(BlockError)
  /// The object is not as long as it was when it was listed.
  case differs(ObjectName, expected: Int)

  public var description: String {
    switch self {
    case .bucket(let error): "\(error)"
    case .file(let error): "\(error)"
    case .differs(let name, let expected):
      "\(name) has not the \(expected) bytes it was listed with; somebody is replacing it"
    }
  }
}
