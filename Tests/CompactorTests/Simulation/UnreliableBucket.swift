import ObjectStore
import Synchronization
import TestSupport

/// Fails calls at random: before they had an effect, or after.
final class UnreliableBucket: Bucket {
  private let base: any Bucket
  private let random: Mutex<SeededRandom>
  /// Of a thousand calls this many fail.
  private let rate: Int

  init(_ base: any Bucket, seed: UInt64, rate: Int) {
    self.base = base
    random = Mutex(SeededRandom(seed: seed))
    self.rate = rate
  }

  var name: String { base.name }

  private func perhaps<Value>(
    _ name: ObjectName?, _ body: () async throws(BucketError) -> Value
  ) async throws(BucketError) -> Value {
    let die = random.withLock { Int.random(in: 0..<1000, using: &$0) }
    let error = BucketError(
      .transient, .get, object: name?.text ?? "", detail: "the test says so")
    if die < rate / 2 { throw error }
    let value = try await body()
    if die < rate { throw error }
    return value
  }

  func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject] {
    try await perhaps(prefix) { () async throws(BucketError) in
      try await base.list(prefix, recursive: recursive)
    }
  }

  func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    try await perhaps(name) { () async throws(BucketError) in try await base.attributes(name) }
  }

  func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    try await perhaps(name) { () async throws(BucketError) in try await base.exists(name) }
  }

  func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    try await perhaps(name) { () async throws(BucketError) in
      try await base.read(name, range: range)
    }
  }

  func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await perhaps(name) { () async throws(BucketError) in
      try await base.write(bytes, to: name)
    }
  }

  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await perhaps(name) { () async throws(BucketError) in
      try await base.create(bytes, at: name)
    }
  }

  func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    try await perhaps(name) { () async throws(BucketError) in
      try await base.upload(file: path, to: name)
    }
  }

  func delete(_ name: ObjectName) async throws(BucketError) {
    try await perhaps(name) { () async throws(BucketError) in try await base.delete(name) }
  }

  func localPath(_ name: ObjectName) -> String? { nil }
}
