import BlockCatalog
import Foundation
import Synchronization
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

/// A bucket in which blocks appear, are marked for deletion and vanish, its sync, and what it
/// showed after each one.
actor ChangingBucket {
  private struct Lying {
    var content: ModelStore.Content
    var isMarked = false
  }

  private static let externals: [[String: String]] = [
    ["replica": "a", "zone": "eu"], ["replica": "b", "zone": "eu"], ["l0": "outside"], [:],
  ]

  nonisolated let published = PublishedBlocks()
  nonisolated let history = History()
  /// Blocks that were served at some time, which must go when nobody needs them.
  private(set) var served: [WeakBlock] = []
  private let directory: String
  private let sync: BlockSync
  private var random: SeededRandom
  private var blocks: [BlockID: Lying] = [:]
  private var made = 0

  struct WeakBlock: Sendable {
    weak let block: LoadedBlock?
  }

  /// What clients could see, sync by sync.
  final class History: Sendable {
    private struct Log {
      var begun = 0
      /// By the number of syncs that have ended, what is shown then.
      var states: [[ModelStore.Content]] = [[]]
      /// Likewise what the sync showed on the way: that which was lost is gone, that which is new
      /// is not there.
      var between: [[ModelStore.Content]] = [[]]
    }

    private let log = Mutex(Log())

    func begin() { log.withLock { $0.begun += 1 } }

    func end(between: [ModelStore.Content], after: [ModelStore.Content]) {
      log.withLock { log in
        log.states.append(after)
        log.between.append(between)
      }
    }

    /// How many syncs have ended.
    var ended: Int { log.withLock { $0.states.count - 1 } }
    /// How many syncs have begun.
    var begun: Int { log.withLock { $0.begun } }

    /// What was shown at some time from the end of one sync to the end of another.
    func states(_ syncs: ClosedRange<Int>) -> [[ModelStore.Content]] {
      log.withLock { log in
        [log.states[syncs.lowerBound]]
          + syncs.dropFirst().flatMap { [log.between[$0], log.states[$0]] }
      }
    }
  }

  init(_ directory: String, seed: UInt64) throws {
    self.directory = directory
    random = SeededRandom(seed: seed)
    sync = try BlockSync.test(directory, publishing: published)
  }

  /// Changes the bucket, syncs, and touches every block once.
  ///
  /// A block that was touched is mapped and can be read to the end when its files vanish.
  func turn() async throws {
    let before = visible
    for _ in 0..<Int.random(in: 1...3, using: &random) { try change() }
    history.begin()
    try await sync.run()
    history.end(
      between: before.filter { blocks[$0.key] != nil }.map(\.value),
      after: Array(visible.values))
    let snapshot = published.current
    let loaded = snapshot.sets.flatMap(\.blocks)
    try #require(Set(loaded.map(\.id)) == Set(visible.keys))
    served += loaded.map { WeakBlock(block: $0) }
    let answer = try await ModelStore.ask(SeriesQueryTests.request([]), snapshot)
    try #require(answer.warnings == [])
  }

  private var visible: [BlockID: ModelStore.Content] {
    blocks.filter { !$1.isMarked }.mapValues(\.content)
  }

  private func change() throws {
    switch Int.random(in: 0..<4, using: &random) {
    case 0, 1:
      if visible.count < 8 { try add() }
    case 2:
      guard let id = visible.keys.sorted().randomElement(using: &random)
      else { return }
      let mark = DeletionMark(id: id, time: WallClock.milliseconds() / 1000 - 3600)
      try writeFile(
        mark.jsonBytes(), to: "\(directory)/\(id)/\(DeletionMark.fileName)")
      blocks[id]?.isMarked = true
    default:
      guard let id = blocks.keys.sorted().randomElement(using: &random) else { return }
      try FileManager.default.removeItem(atPath: "\(directory)/\(id)")
      blocks[id] = nil
    }
  }

  private func add() throws {
    made += 1
    let id = BlockID.make(now: Int64(made), randomness: &random)
    let labels = Self.externals[Int.random(in: Self.externals.indices, using: &random)]
    let pairs = labels.map { (name: Array($0.key.utf8), value: Array($0.value.utf8)) }
    let start = Int64.random(in: 0..<3, using: &random) * 1000
    let content = ModelStore.Content(
      externals: LabelSet(pairs),
      model: BlockModel.random(start: start, seriesCount: 12, using: &random))
    var thanos = ThanosMeta()
    thanos.labels = content.externals.pairs.map { .init(name: $0.name, value: $0.value) }
    let path = "\(directory)/\(id)"
    _ = try content.model.write(
      to: path, start..<start + 1000, id: id, thanos: thanos,
      samplesPerChunk: ModelStore.samplesPerChunk)
    blocks[id] = Lying(content: content)
  }
}
