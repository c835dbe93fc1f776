import BlockCatalog
import Foundation
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

/// Two compactors, a gateway and an uploader on a bucket that fails at random, while time jumps and
/// compactors are stopped.
///
/// The seed chooses blocks, faults, jumps and stops; how the four interleave is up to the machine.
/// `SIMULATION_SEEDS` sets how many are tried, 50 unless given; `SIMULATION_SEED` names a single one.
struct SimulationTests {
  private static let seeds: Range<UInt64> = {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["SIMULATION_SEED"].flatMap({ UInt64($0) }) { return seed..<seed + 1 }
    return 0..<(environment["SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 50)
  }()

  @Test func `no sample is ever missing, and in the end none is doubled`() async throws {
    for seed in Self.seeds { try await Simulation(seed: seed).run() }
  }
}

/// One seed.
private final class Simulation {
  private let seed: UInt64
  private var random: SeededRandom
  private let fixture: CompactorFixture
  private let bucket: MemoryBucket
  private let watched: WatchedBucket
  private let unreliable: UnreliableBucket
  /// Blocks wait here until the uploader brings them.
  private let staging = MemoryBucket()
  private let gateway: SimulatedGateway
  private let hasReplicas: Bool
  private let deleteDelay: Int64
  private var blocks: [BlockID] = []
  /// The samples of each cluster.
  private var models: [String: BlockModel] = [:]

  init(seed: UInt64) throws {
    self.seed = seed
    random = SeededRandom(seed: seed)
    fixture = try CompactorFixture()
    bucket = fixture.makeBucket()
    hasReplicas = Int.random(in: 0..<4, using: &random) == 0
    let now = fixture.now
    watched = WatchedBucket(bucket, comparesValues: !hasReplicas, now: now)
    unreliable = UnreliableBucket(
      watched, seed: random.next(), rate: Int.random(in: 0...60, using: &random))
    gateway = SimulatedGateway(unreliable, now: now)
    deleteDelay = [0, 1000, 48 * 3_600_000].randomElement(using: &random) ?? 0
  }

  func run() async throws {
    try await makeBlocks()
    let services = ["one", "two"].map { service(on: unreliable, $0) }
    for part in blocks.split(count: 3) {
      let stop =
        Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 0...30, using: &random) : nil
      let uploads = (staging, unreliable, watched)
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await upload(part, from: uploads.0, to: uploads.1, telling: uploads.2) }
        for service in services { group.addTask { _ = try? await service.compact() } }
        if let stop {
          // The first to be stopped may be any of them; another run of it follows.
          let task = Task { _ = try? await services[0].compact() }
          group.addTask {
            try? await Task.sleep(for: .milliseconds(stop))
            task.cancel()
            await task.value
          }
        }
      }
      try await rest()
    }
    #expect(watched.violations == [], "seed \(seed)")
    try await end()
  }

  private func makeBlocks() async throws {
    for cluster in ["a", "b"].prefix(Int.random(in: 1...2, using: &random)) {
      let maker = try CompactorFixture()
      let end = Int64.random(in: 5...9, using: &random)
      for replica in hasReplicas ? ["x", "y"] : ["x"] {
        blocks += try await maker.putRandom(
          windows: 0..<end, in: staging, seed: random.next(),
          labels: hasReplicas ? ["cluster": cluster, "replica": replica] : ["cluster": cluster])
      }
      models[cluster] = maker.model
    }
    blocks.sort()
  }

  private func service(on bucket: any Bucket, _ name: String) -> CompactorService {
    fixture.service(bucket, dataDirectory: "\(fixture.directory)/\(name)") {
      $0.deleteDelay = self.deleteDelay
      guard self.hasReplicas else { return }
      $0.replicaLabels = ReplicaLabels([Array("replica".utf8)])
      $0.overlaps = .chain
      $0.planner.mergesOverlaps = true
    }
  }

  /// Time goes on, while the gateway looks at the bucket as often as it must: blocks stay for the
  /// delete delay so that it can.
  private func rest() async throws {
    var isSynced = false
    for _ in 0..<1000 where !isSynced { isSynced = await gateway.sync() }
    #expect(isSynced, "seed \(seed)")
    if deleteDelay > 3_600_000 { watched.watch(gateway) }
    fixture.wait(milliseconds: Int64.random(in: 0...30 * 3_600_000, using: &random))
    try await expectEverythingServed()
  }

  /// Whatever state this left, a run without faults brings it to rest.
  private func end() async throws {
    fixture.wait(milliseconds: Leases.timeToLive)
    let last = service(on: watched, "one")
    for _ in 0..<2 {
      let report = try await last.compact()
      #expect(report.isClean, "seed \(seed): \(report.failures)")
      fixture.wait(milliseconds: 60_000)
      try await rest()
    }
    #expect(watched.violations == [], "seed \(seed)")
    for (cluster, model) in models {
      let live = try await samples(of: cluster, allowsCopies: false) {
        try await !self.fixture.isMarked($0, in: self.bucket)
      }
      #expect(form(live) == form(model), "seed \(seed)")
    }
    #expect(try await last.compact().mergedBlocks == [], "seed \(seed)")
  }

  /// Every sample that was uploaded is in a block that the gateway has.
  private func expectEverythingServed() async throws {
    let served = Set(gateway.blocks.map(\.id))
    let sources = Set(gateway.blocks.flatMap(\.compaction.sources))
    guard deleteDelay > 3_600_000, Set(blocks).isSubset(of: sources) else { return }
    for (cluster, model) in models {
      let found = try await samples(of: cluster, allowsCopies: true) { served.contains($0) }
      #expect(form(found) == form(model), "seed \(seed)")
    }
  }

  private func samples(
    of cluster: String, allowsCopies: Bool, where isIncluded: (BlockID) async throws -> Bool
  ) async throws -> BlockModel {
    try await fixture.samples(in: bucket, allowsCopies: allowsCopies) { id in
      let labels = try await self.fixture.meta(id, in: self.bucket).thanos?.labels
      guard labels?.first?.value == Array(cluster.utf8) else { return false }
      return try await isIncluded(id)
    }
  }

  /// Which of two values of a time stays when replicas are merged is open.
  private func form(_ model: BlockModel) -> BlockModel {
    hasReplicas ? model.mapValues { $0.mapValues { _ in 0 } } : model
  }
}

/// Brings blocks to the bucket, as often as it takes.
private func upload(
  _ blocks: [BlockID], from staging: MemoryBucket, to bucket: UnreliableBucket,
  telling watched: WatchedBucket
) async {
  for id in blocks {
    // In byte order meta.json, which makes a block of the files, comes last.
    guard let name = try? ObjectName(id.description),
      let objects = try? await staging.list(name, recursive: true)
    else { continue }
    for object in objects {
      guard let bytes = try? await staging.read(object.name) else { continue }
      while (try? await bucket.write(bytes, to: object.name)) == nil {}
    }
    watched.expect(id)
  }
}

extension Array {
  /// `count` parts of about the same length.
  fileprivate func split(count parts: Int) -> [[Element]] {
    (0..<parts).map { part in
      Array(self[part * count / parts..<(part + 1) * count / parts])
    }
  }
}
