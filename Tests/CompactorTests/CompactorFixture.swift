import BlockCatalog
import Foundation
import Logging
import ObjectStore
import Synchronization
import TSDBBlock
import Telemetry
import TestSupport

@testable import Compactor

/// A directory for blocks and work, a clock that moves by itself, and the samples put in.
final class CompactorFixture {
  let directory: String
  private(set) var model: BlockModel = [:]
  private let clock = StepClock()
  static let twoHours: Int64 = 7_200_000

  init() throws {
    directory = try makeTemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory + "/made", withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Makes a block of the two hours number `window` and uploads it.
  ///
  /// - Parameter start: where it begins, unless with the window.
  @discardableResult
  func put(
    _ block: BlockModel, window: Int64, in bucket: any Bucket,
    labels: [String: String] = ["cluster": "a"], length: Int64 = CompactorFixture.twoHours,
    start: Int64? = nil
  ) async throws -> BlockID {
    let id = BlockID.make(now: 1_700_000_000_000 + window)
    var thanos = ThanosMeta()
    thanos.labels = labels.map {
      ThanosMeta.Label(name: Array($0.key.utf8), value: Array($0.value.utf8))
    }
    thanos.source = "sidecar"
    let start = start ?? window * Self.twoHours
    let reader = try block.write(
      to: "\(directory)/made/\(id)", start..<start + length, id: id, thanos: thanos)
    for path in try reader.chunks.segments.map(\.path) + ["index", "meta.json"] {
      try await bucket.upload(
        file: "\(reader.directory)/\(path)", to: ObjectName("\(id)/\(path)"))
    }
    for (series, samples) in block { model[series, default: [:]].merge(samples) { $1 } }
    return id
  }

  /// Random blocks of consecutive windows.
  func putRandom(
    windows: Range<Int64>, in bucket: any Bucket, seed: UInt64 = 1,
    labels: [String: String] = ["cluster": "a"]
  ) async throws -> [BlockID] {
    var random = SeededRandom(seed: seed)
    var ids: [BlockID] = []
    for window in windows {
      let block = BlockModel.random(
        start: window * Self.twoHours, seriesCount: 4, using: &random)
      ids.append(try await put(block, window: window, in: bucket, labels: labels))
    }
    return ids
  }

  /// A bucket whose objects are as old as the clock says.
  func makeBucket() -> MemoryBucket { MemoryBucket(now: { [clock] in clock.advance(by: 0) }) }

  /// Reads the clock.
  var now: @Sendable () -> Int64 { { [clock] in clock.advance(by: 0) } }

  /// Moves the clock.
  func wait(milliseconds: Int64) { clock.advance(by: milliseconds) }

  func service(
    _ bucket: any Bucket, dataDirectory: String? = nil,
    observer: any CompactionObserver = NoObserver(),
    configure: (inout CompactorConfiguration) -> Void = { _ in }
  ) -> CompactorService {
    var configuration = CompactorConfiguration(dataDirectory: dataDirectory ?? directory + "/data")
    configure(&configuration)
    return CompactorService(
      configuration: configuration, bucket: bucket,
      metrics: CompactorMetrics(registry: MetricRegistry()),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, observer: observer,
      now: { [clock] in clock.advance(by: 1000) })
  }

  /// All samples of the blocks that `isIncluded`.
  ///
  /// - Parameter allowsCopies: a sample in two blocks is no error.
  func samples(
    in bucket: any Bucket, allowsCopies: Bool = false,
    where isIncluded: (BlockID) async throws -> Bool
  ) async throws -> BlockModel {
    var result: BlockModel = [:]
    for object in try await bucket.list(nil, recursive: false) {
      guard let id = BlockID(object.name.lastComponent),
        try await bucket.exists(ObjectName("\(id)/meta.json")), try await isIncluded(id)
      else { continue }
      let block = try await BlockModel(id, in: bucket)
      for (labels, samples) in block {
        for (time, value) in samples {
          if result[labels, default: [:]].updateValue(value, forKey: time) != nil, !allowsCopies {
            throw DuplicateSample(labels: labels, time: time)
          }
        }
      }
    }
    return result
  }

  func isMarked(_ id: BlockID, in bucket: any Bucket) async throws -> Bool {
    try await bucket.exists(ObjectName("\(id)/deletion-mark.json"))
  }

  /// Samples of blocks without deletion mark; throws when one is there twice.
  func liveSamples(in bucket: any Bucket) async throws -> BlockModel {
    try await samples(in: bucket) { try await !self.isMarked($0, in: bucket) }
  }

  func meta(_ id: BlockID, in bucket: any Bucket) async throws -> BlockMeta {
    try BlockMeta(json: try await bucket.read(ObjectName("\(id)/meta.json")))
  }

  func names(in directory: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
  }
}

extension BlockModel {
  /// All samples of a block.
  init(_ id: BlockID, in bucket: any Bucket) async throws {
    let local = try makeTemporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: local) }
    try FileManager.default.createDirectory(
      atPath: local + "/chunks", withIntermediateDirectories: false)
    for object in try await bucket.list(ObjectName(id.description), recursive: true) {
      let path = "\(local)/\(object.name.text.dropFirst(27))"
      try Data(try await bucket.read(object.name)).write(to: URL(fileURLWithPath: path))
    }
    try self.init(reading: BlockReader(directory: local))
  }
}

/// Counts how often blocks being made told of their progress.
final class CountingObserver: CompactionObserver {
  private let calls = Mutex(0)

  var count: Int { calls.withLock { $0 } }

  func working(_ progress: WorkProgress) { calls.withLock { $0 += 1 } }
  func ended(_ block: BlockID) {}
}

/// A clock that moves a second whenever it is read.
final class StepClock: Sendable {
  private let time = Mutex<Int64>(1_800_000_000_000)

  @discardableResult
  func advance(by milliseconds: Int64) -> Int64 {
    time.withLock { time in
      time += milliseconds
      return time
    }
  }
}
