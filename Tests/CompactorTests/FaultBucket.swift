import ObjectStore
import Synchronization
import TestSupport

/// A bucket whose n-th change fails, and every one after it: as if the process had died there.
final class FaultBucket: ForwardingBucket {
  let base: any Bucket
  private let allowed: Mutex<Int>
  /// The change at the border happens, but its answer is lost.
  private let appliesLast: Bool
  private let changed = Mutex<Int>(0)

  init(_ base: any Bucket, failingAfter changes: Int, appliesLast: Bool = false) {
    self.base = base
    self.appliesLast = appliesLast
    allowed = Mutex(changes)
  }

  /// Changes that were asked for.
  var changes: Int { changed.withLock { $0 } }
  private func change(
    _ name: ObjectName, _ body: () async throws(BucketError) -> Void
  ) async throws(BucketError) {
    changed.withLock { $0 += 1 }
    let left = allowed.withLock { allowed in
      defer { allowed -= 1 }
      return allowed
    }
    if left > 0 || (left == 0 && appliesLast) { try await body() }
    guard left > 0 else {
      throw BucketError(.transient, .upload, object: name.text, detail: "the test says so")
    }
  }

  func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await change(name) { () async throws(BucketError) in try await base.write(bytes, to: name) }
  }

  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await change(name) { () async throws(BucketError) in try await base.create(bytes, at: name)
    }
  }

  func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    try await change(name) { () async throws(BucketError) in
      try await base.upload(file: path, to: name)
    }
  }

  func delete(_ name: ObjectName) async throws(BucketError) {
    try await change(name) { () async throws(BucketError) in try await base.delete(name) }
  }
}
