internal import Synchronization

/// A bucket that a reload replaces by another while the program runs.
///
/// An operation that has begun ends with the bucket it began with.
public final class ReplaceableBucket: Bucket {
  private let state: Mutex<any Bucket>

  public init(_ bucket: any Bucket) { state = Mutex(bucket) }

  /// Used by every operation that begins from now on.
  public func replace(by bucket: any Bucket) { state.withLock { $0 = bucket } }

  private var current: any Bucket { state.withLock { $0 } }

  public var name: String { current.name }

  public func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject] {
    try await current.list(prefix, recursive: recursive)
  }

  public func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    try await current.attributes(name)
  }

  public func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    try await current.exists(name)
  }

  public func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    try await current.read(name, range: range)
  }

  public func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await current.write(bytes, to: name)
  }

  public func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await current.create(bytes, at: name)
  }

  public func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    try await current.upload(file: path, to: name)
  }

  public func download(_ name: ObjectName, to path: String) async throws(BucketError) -> Int {
    try await current.download(name, to: path)
  }

  public func delete(_ name: ObjectName) async throws(BucketError) {
    try await current.delete(name)
  }

  public func localPath(_ name: ObjectName) -> String? { current.localPath(name) }

  public var versions: (any ObjectVersions)? { current.versions }
}
