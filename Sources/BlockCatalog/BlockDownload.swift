public import ObjectStore
public import TSDBBlock

/// Copies a block from a bucket to a local directory.
public enum BlockDownload {
  /// Bytes fetched at a time.
  private static let pieceByteCount = 8 << 20

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
      try FileSystem.append([], to: path)
    }
    var position = 0
    while position < object.size {
      let piece: [UInt8]
      do {
        piece = try await bucket.read(
          object.name, range: position..<min(position + pieceByteCount, object.size))
      } catch {
        throw .bucket(error)
      }
      guard !piece.isEmpty else { throw .shorter(object.name, expected: object.size) }
      try await writing { () throws(BlockError) in try FileSystem.append(piece, to: path) }
      position += piece.count
    }
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
  /// The object lost bytes while it was read.
  case shorter(ObjectName, expected: Int)

  public var description: String {
    switch self {
    case .bucket(let error): "\(error)"
    case .file(let error): "\(error)"
    case .shorter(let name, let expected):
      "\(name) ends before its \(expected) bytes; somebody is replacing it"
    }
  }
}
