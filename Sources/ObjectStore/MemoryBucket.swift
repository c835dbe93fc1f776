internal import Synchronization
public import Telemetry

/// Objects in memory, for tests and tools.
public final class MemoryBucket: Bucket {
  private struct Stored {
    let bytes: [UInt8]
    let modifiedMilliseconds: Int64
  }

  public let name: String
  private let objects = Mutex<[ObjectName: Stored]>([:])
  private let now: @Sendable () -> Int64

  /// - Parameter now: The time of day in milliseconds, which becomes the time of modification.
  public init(
    name: String = "memory", now: @escaping @Sendable () -> Int64 = WallClock.milliseconds
  ) {
    self.name = name
    self.now = now
  }

  public func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject] {
    let inside = objects.withLock { objects in
      objects.filter { prefix == nil || $0.key.isInside(prefix ?? $0.key) }
    }
    var listed: [ObjectName: ListedObject] = [:]
    for (name, stored) in inside {
      let item = recursive ? object(name, stored) : child(of: prefix, name, stored)
      listed[item.name] = item
    }
    return listed.values.sorted { $0.name < $1.name }
  }

  public func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    let stored = try stored(name, .attributes)
    return ObjectAttributes(
      size: stored.bytes.count, modifiedMilliseconds: stored.modifiedMilliseconds)
  }

  public func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    objects.withLock { $0[name] != nil }
  }

  public func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    let bytes = try stored(name, range == nil ? .get : .getRange).bytes
    return Array(bytes[(range ?? bytes.indices).clamped(to: bytes.indices)])
  }

  public func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    let stored = Stored(bytes: bytes, modifiedMilliseconds: now())
    objects.withLock { $0[name] = stored }
  }

  public func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    let stored = Stored(bytes: bytes, modifiedMilliseconds: now())
    let isNew = objects.withLock { objects in
      guard objects[name] == nil else { return false }
      objects[name] = stored
      return true
    }
    guard isNew else {
      throw BucketError(
        .preconditionFailed, .upload, object: name.text, detail: "it exists already")
    }
  }

  public func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    let bytes = try await onBlockingThread { () throws(BucketError) in
      do throws(SystemError) {
        let file = try OpenFile(reading: path)
        return try file.bytes(at: 0, count: file.status().size)
      } catch {
        throw BucketError(
          .permanent, .upload, object: name.text,
          detail: "cannot read the file to upload, \(path): \(error.message)")
      }
    }
    try await write(bytes, to: name)
  }

  public func delete(_ name: ObjectName) async throws(BucketError) {
    guard objects.withLock({ $0.removeValue(forKey: name) }) != nil else {
      throw missing(name, .delete)
    }
  }

  public func localPath(_ name: ObjectName) -> String? { nil }

  private func stored(
    _ name: ObjectName, _ operation: BucketOperation
  ) throws(BucketError) -> Stored {
    guard let stored = objects.withLock({ $0[name] }) else { throw missing(name, operation) }
    return stored
  }

  private func missing(_ name: ObjectName, _ operation: BucketOperation) -> BucketError {
    BucketError(.notFound, operation, object: name.text, detail: "no such object")
  }

  private func object(_ name: ObjectName, _ stored: Stored) -> ListedObject {
    ListedObject(
      name: name, isDirectory: false, size: stored.bytes.count,
      modifiedMilliseconds: stored.modifiedMilliseconds)
  }

  /// The object itself, or the directory directly below `prefix` that it lies in.
  private func child(
    of prefix: ObjectName?, _ name: ObjectName, _ stored: Stored
  ) -> ListedObject {
    var child = name
    while let parent = child.parent, parent != prefix { child = parent }
    guard child != name else { return object(name, stored) }
    return ListedObject(name: child, isDirectory: true, size: 0, modifiedMilliseconds: 0)
  }
}
