/// The part of a bucket below one directory, seen as a bucket of its own.
public struct PrefixedBucket: Bucket {
  private let bucket: any Bucket
  private let prefix: ObjectName

  public init(_ bucket: any Bucket, prefix: ObjectName) {
    self.bucket = bucket
    self.prefix = prefix
  }

  public var name: String { bucket.name }

  public func list(
    _ directory: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject] {
    let full =
      try directory.map { name throws(BucketError) in try prefix.inside(name, .iter) } ?? prefix
    return try await bucket.list(full, recursive: recursive).compactMap { item in
      guard let name = try? ObjectName(String(item.name.text.dropFirst(prefix.text.count + 1)))
      else { return nil }
      return ListedObject(
        name: name, isDirectory: item.isDirectory, size: item.size,
        modifiedMilliseconds: item.modifiedMilliseconds)
    }
  }

  public func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    try await bucket.attributes(prefix.inside(name, .attributes))
  }

  public func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    try await bucket.exists(prefix.inside(name, .exists))
  }

  public func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    try await bucket.read(prefix.inside(name, range == nil ? .get : .getRange), range: range)
  }

  public func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await bucket.write(bytes, to: prefix.inside(name, .upload))
  }

  public func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await bucket.create(bytes, at: prefix.inside(name, .upload))
  }

  public func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    try await bucket.upload(file: path, to: prefix.inside(name, .upload))
  }

  public func download(_ name: ObjectName, to path: String) async throws(BucketError) -> Int {
    try await bucket.download(prefix.inside(name, .get), to: path)
  }

  public func delete(_ name: ObjectName) async throws(BucketError) {
    try await bucket.delete(prefix.inside(name, .delete))
  }

  public func localPath(_ name: ObjectName) -> String? {
    guard let full = try? prefix.appending(name.text) else { return nil }
    return bucket.localPath(full)
  }

  public var versions: (any ObjectVersions)? {
    bucket.versions.map { PrefixedVersions(versions: $0, prefix: prefix) }
  }
}
