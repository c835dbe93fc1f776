import ObjectStore
import Synchronization
import TSDBBlock
import TestSupport

/// A bucket that looks at itself after every change: whatever was uploaded must be there.
///
///     a source S is safe    ⇔  some block with all its files has S among its sources
///     meta.json may go      ⇔  its block has a deletion mark
///     a mark may be written ⇔  all sources of its block are safe without it, or it is empty
final class WatchedBucket: Bucket {
  private struct State {
    /// Blocks that their makers have finished uploading.
    var uploaded: Set<BlockID> = []
    var violations: [String] = []
    var metas: [BlockID: BlockMeta] = [:]
  }

  private let base: MemoryBucket
  private let state = Mutex(State())
  private let last = Mutex<Task<Void, Never>?>(nil)

  init(_ base: MemoryBucket) { self.base = base }

  var name: String { base.name }
  var violations: [String] { state.withLock { $0.violations } }

  /// From now on the samples of the block must never be missing.
  func expect(_ id: BlockID) { state.withLock { _ = $0.uploaded.insert(id) } }

  /// One look after the other, so that none sees an older bucket than the one before.
  private func look(after change: String) async {
    let look = last.withLock { last in
      let previous = last
      let look = Task {
        await previous?.value
        await inspect(after: change)
      }
      last = look
      return look
    }
    await look.value
  }

  private func inspect(after change: String) async {
    let uploaded = state.withLock { $0.uploaded }
    do {
      let names = try await base.list(nil, recursive: true).map(\.name.text)
      let present = Set(names)
      var metas: [BlockID: BlockMeta] = [:]
      for name in names where name.hasSuffix("/\(BlockMeta.fileName)") {
        let bytes = try? await base.read(ObjectName(name))
        if let bytes, let meta = try? BlockMeta(json: bytes) { metas[meta.id] = meta }
      }
      let complete = metas.values.filter { meta in
        meta.resolution == 0
          && ["index"].allSatisfy { present.contains("\(meta.id)/\($0)") }
          && (meta.thanos?.files ?? []).allSatisfy { present.contains("\(meta.id)/\($0.path)") }
      }
      let safe = Set(complete.flatMap(\.compaction.sources))
      let live = Set(
        complete.filter { !present.contains("\($0.id)/\(DeletionMark.fileName)") }
          .flatMap(\.compaction.sources))
      state.withLock { state in
        for id in uploaded where !safe.contains(id) {
          state.violations.append("\(change): samples of \(id) are in no block")
        }
        for id in uploaded where !live.contains(id) {
          state.violations.append("\(change): all blocks with samples of \(id) are marked")
        }
        for (id, _) in state.metas
        where metas[id] == nil && !present.contains("\(id)/\(DeletionMark.fileName)") {
          state.violations.append("\(change): \(id) went without a mark")
        }
        state.metas = metas
      }
    } catch {
      state.withLock { $0.violations.append("\(change): \(error)") }
    }
  }

  func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject] {
    try await base.list(prefix, recursive: recursive)
  }

  func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    try await base.attributes(name)
  }

  func exists(_ name: ObjectName) async throws(BucketError) -> Bool { try await base.exists(name) }

  func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    try await base.read(name, range: range)
  }

  func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await base.write(bytes, to: name)
    await look(after: "write \(name)")
  }

  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await base.create(bytes, at: name)
    await look(after: "create \(name)")
  }

  func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    try await base.upload(file: path, to: name)
    await look(after: "upload \(name)")
  }

  func delete(_ name: ObjectName) async throws(BucketError) {
    try await base.delete(name)
    await look(after: "delete \(name)")
  }

  func localPath(_ name: ObjectName) -> String? { nil }
}

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
