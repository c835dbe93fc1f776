/// Objects by name: a directory, or a store that behaves like one.
///
/// An object is replaced as a whole: a reader sees the old bytes or the new ones. What a write
/// returned from survives a crash. All calls may be made from many tasks at once.
public protocol Bucket: Sendable {
  /// The store, as the label `bucket` of metrics shows it.
  var name: String { get }

  /// What lies below the directory `prefix`, or at the root, in byte order of the names.
  ///
  /// Without `recursive`, direct children only, among them directories that hold any object; with
  /// it, all objects at any depth and no directories. A missing directory is empty.
  func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject]

  /// - Throws: `notFound` when there is no such object; a directory is none.
  func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes

  /// Whether there is such an object; a directory is none.
  func exists(_ name: ObjectName) async throws(BucketError) -> Bool

  /// The bytes of `range`, or all. A range past the end yields what exists.
  ///
  /// - Throws: `notFound` when there is no such object.
  func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8]

  /// Writes or replaces an object.
  func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError)

  /// Writes an object that must not exist yet.
  ///
  /// - Throws: `preconditionFailed` when it exists. Of several calls at once one succeeds.
  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError)

  /// Writes or replaces an object with the contents of a local file.
  ///
  /// The file may become the object without a copy: do not change it afterwards.
  func upload(file path: String, to name: ObjectName) async throws(BucketError)

  /// Copies an object to a new local file, whose directory must exist; replaces a file that is there.
  ///
  /// After an error the file may hold a part.
  ///
  /// - Returns: the bytes copied.
  /// - Throws: `notFound` when there is no such object.
  func download(_ name: ObjectName, to path: String) async throws(BucketError) -> Int

  /// Deletes an object, and the directories above it that hold nothing any more.
  ///
  /// - Throws: `notFound` when there is no such object.
  func delete(_ name: ObjectName) async throws(BucketError)

  /// The path of an object that can be mapped in place; nil for remote stores.
  ///
  /// Says nothing about whether the object exists.
  func localPath(_ name: ObjectName) -> String?

  /// What the objects were before; nil for stores that keep no versions. Says nothing about whether
  /// this bucket keeps them.
  var versions: (any ObjectVersions)? { get }
}

/// Bytes read at a time by ``Bucket/download(_:to:)`` of stores that have none of their own.
private let downloadPieceByteCount = 8 << 20

extension Bucket {
  public var versions: (any ObjectVersions)? { nil }

  /// Copies by ranges, in bounded memory.
  public func download(_ name: ObjectName, to path: String) async throws(BucketError) -> Int {
    let size = try await attributes(name).size
    let file = try await onBlockingThread { () throws(BucketError) in try GrowingFile(path) }
    var position = 0
    while position < size {
      let piece = try await read(
        name, range: position..<min(position + downloadPieceByteCount, size))
      guard !piece.isEmpty else { return position }
      try await onBlockingThread { () throws(BucketError) in try file.append(piece) }
      position += piece.count
    }
    return position
  }

  /// All bytes of an object.
  public func read(_ name: ObjectName) async throws(BucketError) -> [UInt8] {
    try await read(name, range: nil)
  }

  /// The local directory that the names of objects begin from; nil for remote stores.
  public var localDirectory: String? {
    // Where any object would lie tells where all do.
    guard let name = try? ObjectName("x"), let path = localPath(name) else { return nil }
    return path.count > 2 ? String(path.dropLast(2)) : "/"
  }
}

/// One line of a listing.
public struct ListedObject: Equatable, Sendable {
  /// The full name, from the root of the bucket.
  public let name: ObjectName
  public let isDirectory: Bool
  /// Bytes; 0 for a directory.
  public let size: Int
  /// Milliseconds since 1970; 0 for a directory.
  public let modifiedMilliseconds: Int64

  public init(name: ObjectName, isDirectory: Bool, size: Int, modifiedMilliseconds: Int64) {
    self.name = name
    self.isDirectory = isDirectory
    self.size = size
    self.modifiedMilliseconds = modifiedMilliseconds
  }
}

public struct ObjectAttributes: Equatable, Sendable {
  /// Bytes.
  public let size: Int
  /// Milliseconds since 1970.
  public let modifiedMilliseconds: Int64

  public init(size: Int, modifiedMilliseconds: Int64) {
    self.size = size
    self.modifiedMilliseconds = modifiedMilliseconds
  }
}
