public import ObjectStore

/// A bucket that leaves to another one whatever it does not do itself.
public protocol ForwardingBucket: Bucket {
  var base: any Bucket { get }
}

extension ForwardingBucket {
  public var name: String { base.name }

  public func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject] {
    try await base.list(prefix, recursive: recursive)
  }

  public func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    try await base.attributes(name)
  }

  public func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    try await base.exists(name)
  }

  public func read(
    _ name: ObjectName, range: Range<Int>?
  ) async throws(BucketError) -> [UInt8] {
    try await base.read(name, range: range)
  }

  public func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await base.write(bytes, to: name)
  }

  public func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await base.create(bytes, at: name)
  }

  public func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    try await base.upload(file: path, to: name)
  }

  public func delete(_ name: ObjectName) async throws(BucketError) {
    try await base.delete(name)
  }

  public func localPath(_ name: ObjectName) -> String? { base.localPath(name) }
}
