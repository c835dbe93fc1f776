import IndexCache
import Logging
import ObjectStore
import RemoteBlocks
import TSDBBlock
import Telemetry
import TestSupport
import Testing

/// A cache that forgets nothing and counts.
final class DictionaryCache: IndexCache {
  private struct Key: Hashable {
    var block: BlockID
    var item: IndexCacheItem
  }

  private struct State {
    var values: [Key: [UInt8]] = [:]
    var asked = 0
    var found = 0
  }

  private let state = Shared(State())

  var count: Int { state.withLock { $0.values.count } }
  var found: Int { state.withLock { $0.found } }

  func fetch(
    _ items: [IndexCacheItem], of block: BlockID, tenant: String
  ) async -> [[UInt8]?] {
    state.withLock { state in
      let values = items.map { state.values[Key(block: block, item: $0)] }
      state.asked += items.count
      state.found += values.count { $0 != nil }
      return values
    }
  }

  func store(
    _ entries: [(item: IndexCacheItem, value: [UInt8])], of block: BlockID, tenant: String
  ) {
    state.withLock { state in
      for entry in entries { state.values[Key(block: block, item: entry.item)] = entry.value }
    }
  }

  /// Forgets a part of the values, and damages another.
  func damage(using random: inout SeededRandom) {
    state.withLock { state in
      for (key, value) in state.values.sorted(by: { "\($0.key)" < "\($1.key)" }) {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: state.values[key] = nil
        case 1: state.values[key] = Array(value.prefix(value.count / 2))
        default: break
        }
      }
    }
  }
}

/// What ``CountingBudget`` refuses with.
struct TooMuch: Error, CustomStringConvertible {
  var kind: FetchKind
  var limit: Int
  var total: Int

  var description: String {
    "exceeded bytes limit while \(kind.activity): limit \(limit) violated (got \(total))"
  }
}

/// A budget that adds up, and refuses what goes beyond a limit.
final class CountingBudget: FetchCharging {
  let statistics: FetchStatistics? = FetchStatistics()
  private let limit: Int
  private let paid = Shared<[FetchKind: Int]>([:])

  init(limit: Int = .max) { self.limit = limit }

  var total: Int { paid.withLock { $0.values.reduce(0, +) } }

  subscript(kind: FetchKind) -> Int { paid.withLock { $0[kind] ?? 0 } }

  func charge(bytes: Int, for kind: FetchKind) async throws(FetchRefusal) {
    let total = paid.withLock { paid in
      paid[kind, default: 0] += bytes
      return paid.values.reduce(0, +)
    }
    guard total <= limit else {
      throw FetchRefusal(TooMuch(kind: kind, limit: limit, total: total))
    }
  }
}

/// What reads remote blocks in a test.
struct RemoteFixture {
  let bucket: RemoteBucket
  let reader: RangeReader
  let headers: IndexHeaderStore
  let cache: DictionaryCache?
  let registry = MetricRegistry()
  let resources: RemoteBlockResources

  static let quickRetries = RetryPolicy(
    attempts: 8, firstDelay: .microseconds(10), maxDelay: .microseconds(100))
  /// For buckets that stall: tries are given up, and there are enough of them.
  static let impatient = RetryPolicy(
    attempts: 20, firstDelay: .microseconds(10), maxDelay: .microseconds(100),
    attemptTimeout: .milliseconds(50))
  static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  init(
    _ bucket: RemoteBucket, headers: IndexHeaderStore.Configuration? = nil,
    cached: Bool = false, options: RemoteBlockOptions = RemoteBlockOptions(),
    retries: RetryPolicy = Self.quickRetries, limits: RangeReader.Limits = RangeReader.Limits()
  ) {
    self.bucket = bucket
    reader = RangeReader(bucket, limits: limits, retries: retries)
    self.headers = IndexHeaderStore(
      headers ?? IndexHeaderStore.Configuration(dataDirectory: nil), reader: reader,
      metrics: IndexHeaderMetrics(registry), logger: Self.quiet, retries: retries)
    cache = cached ? DictionaryCache() : nil
    resources = RemoteBlockResources(
      reader: reader, headers: self.headers, cache: cache, metrics: FetchMetrics(registry),
      options: options)
  }

  /// A block as meta.json describes it.
  func block(
    _ id: BlockID, _ meta: BlockMeta, estimates: FetchEstimates? = nil
  ) -> RemoteBlock {
    RemoteBlock(id: id, meta: meta, resources: resources, estimates: estimates)
  }
}

/// A block of the golden bucket, mapped: what its remote twin is compared with.
struct GoldenBlock {
  let id: BlockID
  let reader: BlockReader

  static func directory() throws -> String { try Golden.unpacked("store/bucket.tar.gz") }

  /// Those that can be opened.
  static func all() throws -> [GoldenBlock] {
    let directory = try directory()
    var blocks: [GoldenBlock] = []
    for row in try Golden.jsonLines("store/index-headers.jsonl") {
      let text = try #require(row["block"].string)
      let id = try #require(BlockID(text))
      blocks.append(GoldenBlock(id: id, reader: try BlockReader(directory: "\(directory)/\(text)")))
    }
    return blocks
  }
}
