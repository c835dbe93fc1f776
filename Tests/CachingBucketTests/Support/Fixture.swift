import Logging
import ObjectStore
import RemoteCache
import Synchronization
import Telemetry
import TestSupport

@testable import CachingBucket

let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// A cache that forgets nothing unless told.
final class DictionaryCache: SharedCache {
  let values = Mutex<[String: [UInt8]]>([:])

  func fetch(_ keys: [String]) async -> [[UInt8]?] {
    values.withLock { values in keys.map { values[$0] } }
  }

  func store(_ entries: [(key: String, value: [UInt8])], lifetime: Duration) {
    values.withLock { values in for (key, value) in entries { values[key] = value } }
  }

  subscript(key: String) -> [UInt8]? {
    get { values.withLock { $0[key] } }
    set { values.withLock { $0[key] = newValue } }
  }

  var keys: [String] { values.withLock { $0.keys.sorted() } }
}

/// A bucket far away, with a cache before it.
struct Fixture {
  static let block = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

  let base = MemoryBucket()
  let remote: RemoteBucket
  let cache = DictionaryCache()
  let registry = MetricRegistry()
  let bucket: CachingBucket

  init(rules: CachingRules = CachingRules(), delay: Duration = .zero) {
    remote = RemoteBucket(base, delay: delay)
    bucket = CachingBucket(remote, cache: cache, rules: rules, hash: "17", registry: registry)
  }

  func name(_ path: String) throws -> ObjectName { try ObjectName("\(Self.block)/\(path)") }

  /// Puts an object of seeded bytes.
  func put(_ path: String, byteCount: Int) async throws -> (name: ObjectName, bytes: [UInt8]) {
    var random = SeededRandom(seed: 5)
    let bytes = (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
    let name = try name(path)
    try await base.write(bytes, to: name)
    return (name, bytes)
  }

  func metric(_ name: String, _ labels: String) -> Double? {
    let series = "thanos_store_bucket_cache_\(name)_total{\(labels)}"
    for line in registry.exposition(.text).split(separator: "\n")
    where line.hasPrefix(series + " ") {
      return Double(line.dropFirst(series.count + 1))
    }
    return nil
  }
}

/// Waits until a condition holds, for ten seconds.
func eventually(_ condition: () async -> Bool) async -> Bool {
  for _ in 0..<1000 {
    if await condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return false
}
