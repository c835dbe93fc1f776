import ObjectStore
import Synchronization
import TSDBBlock

/// A bucket in memory that counts its calls and refuses some.
final class CountingBucket: Bucket {
  private let bucket: MemoryBucket
  private let state = Mutex<(calls: [String: Int], refused: [String: BucketError.Code])>(([:], [:]))

  init(_ bucket: MemoryBucket = MemoryBucket()) {
    self.bucket = bucket
  }

  var name: String { bucket.name }

  /// Calls since the last time, by kind.
  func takeCalls() -> [String: Int] {
    state.withLock { state in
      defer { state.calls = [:] }
      return state.calls
    }
  }

  /// Lets calls on an object or directory fail; the root is "".
  func refuse(_ object: String, _ code: BucketError.Code?) {
    state.withLock { $0.refused[object] = code }
  }

  private func note(
    _ kind: String, _ operation: BucketOperation, _ object: String
  ) throws(BucketError) {
    let code = state.withLock { state in
      state.calls[kind, default: 0] += 1
      return state.refused[object]
    }
    if let code { throw BucketError(code, operation, object: object, detail: "refused") }
  }

  func list(_ prefix: ObjectName?, recursive: Bool) async throws(BucketError) -> [ListedObject] {
    try note(recursive ? "list all" : "list", .iter, prefix?.text ?? "")
    return try await bucket.list(prefix, recursive: recursive)
  }

  func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    try note("attributes", .attributes, name.text)
    return try await bucket.attributes(name)
  }

  func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    try note("exists", .exists, name.text)
    return try await bucket.exists(name)
  }

  func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    try note("read", .get, name.text)
    return try await bucket.read(name, range: range)
  }

  func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await bucket.write(bytes, to: name)
  }

  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await bucket.create(bytes, at: name)
  }

  func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    try await bucket.upload(file: path, to: name)
  }

  func delete(_ name: ObjectName) async throws(BucketError) { try await bucket.delete(name) }

  func localPath(_ name: ObjectName) -> String? { nil }
}
