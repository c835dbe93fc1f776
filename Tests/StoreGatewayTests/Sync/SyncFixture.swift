import BlockCatalog
import Foundation
import Logging
import ObjectStore
import Synchronization
import TSDBBlock
import Telemetry
import TestSupport

@testable import StoreGateway

/// A sync of a directory, with what it publishes and counts.
struct SyncFixture {
  let directory: String
  let bucket: TroubledBucket
  let registry = MetricRegistry()
  let blocks = PublishedBlocks()
  let sync: BlockSync
  let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  /// - Parameter open: opens a block, for which it is given the usual way.
  init(
    _ directory: String,
    open: @escaping @Sendable (BlockMeta, BlockOpener) async -> Result<LoadedBlock, BlockError> = {
      meta, open in await open(meta)
    },
    retainLocalFiles: @escaping @Sendable (Set<BlockID>) async -> Void = { _ in }
  ) throws {
    self.directory = directory
    bucket = TroubledBucket(try FilesystemBucket(directory: directory))
    let usual = mappedBlocks(in: bucket, on: .shared)
    sync = BlockSync(
      bucket: bucket,
      fetcher: CatalogFetcher(
        bucket: bucket, rules: CatalogRules(),
        metrics: CatalogMetrics(registry, showsCompactionMarks: false), logger: logger,
        now: WallClock.milliseconds),
      publishing: blocks, metrics: SyncMetrics(registry), executor: .shared, logger: logger,
      publishInterval: .milliseconds(5),
      open: { meta in await open(meta, usual) },
      retainLocalFiles: retainLocalFiles)
  }

  /// A block with one series; its path.
  func makeBlock(
    _ number: Int64, replica: String = "a", sources: [BlockID]? = nil
  ) throws -> String {
    try makeBlock(BlockID.make(now: number), replica: replica, sources: sources)
  }

  func makeBlock(
    _ id: BlockID, replica: String = "a", sources: [BlockID]? = nil
  ) throws -> String {
    let series = TestSeries(
      LabelSet(["__name__": "m"]), [(time: id.timeMilliseconds, value: 1)])
    _ = try TestSupport.makeBlock(at: "\(directory)/\(id)", id: id, [series]) { meta in
      var thanos = ThanosMeta()
      thanos.labels = [.init(name: Array("replica".utf8), value: Array(replica.utf8))]
      meta.thanos = thanos
      if let sources { meta.compaction.sources = sources }
    }
    return "\(directory)/\(id)"
  }

  /// Paths of the blocks that are served.
  var served: [String] {
    blocks.current.sets.flatMap { $0.blocks.map { "\(directory)/\($0.id)" } }.sorted()
  }

  /// Replica labels that Info announces.
  var announced: [String] {
    blocks.current.labelSets.compactMap(\.first).map { String(decoding: $0.value, as: UTF8.self) }
  }

  var waitingCount: Int {
    Int(registry.gauge("blockhouse_bucket_store_blocks_waiting", help: "").value)
  }

  func counter(_ name: String) -> Double {
    registry.counter("thanos_bucket_store_\(name)", help: "").value
  }
}

/// The identity of the block at a path.
func blockID(_ path: String) throws -> BlockID {
  guard let id = BlockID(path.suffix(26)) else {
    throw BlockError(.invalidInput, path: path, detail: "is no block")
  }
  return id
}

/// A bucket that refuses to list a directory, or takes its time.
final class TroubledBucket: Bucket {
  private struct State {
    var refused: [String: BucketError.Code] = [:]
    var listCount = 0
    var held: String?
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let bucket: FilesystemBucket
  private let state = Mutex(State())

  init(_ bucket: FilesystemBucket) { self.bucket = bucket }

  var name: String { bucket.name }
  var listCount: Int { state.withLock { $0.listCount } }

  /// Lets listings of a directory fail; the root is "".
  func refuse(_ directory: String, _ code: BucketError.Code) {
    state.withLock { $0.refused[directory] = code }
  }

  /// Lets listings of a directory wait until ``release()``.
  func hold(_ directory: String) {
    state.withLock { $0.held = directory }
  }

  func release() {
    let waiting = state.withLock { state in
      defer { (state.held, state.waiting) = (nil, []) }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func list(_ prefix: ObjectName?, recursive: Bool) async throws(BucketError) -> [ListedObject] {
    let directory = prefix?.text ?? ""
    let code = state.withLock { state in
      state.listCount += 1
      return state.refused[directory]
    }
    if let code { throw BucketError(code, .iter, object: directory, detail: "is away") }
    await withCheckedContinuation { continuation in
      let isHeld = state.withLock { state in
        guard state.held == directory else { return false }
        state.waiting.append(continuation)
        return true
      }
      if !isHeld { continuation.resume() }
    }
    return try await bucket.list(prefix, recursive: recursive)
  }

  func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    try await bucket.attributes(name)
  }

  func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    try await bucket.exists(name)
  }

  func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    try await bucket.read(name, range: range)
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

  func localPath(_ name: ObjectName) -> String? { bucket.localPath(name) }
}
