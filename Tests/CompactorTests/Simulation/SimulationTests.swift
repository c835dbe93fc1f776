import BlockCatalog
import Foundation
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

/// Two compactors and an uploader on a bucket that fails at random, while time jumps.
///
/// The seed chooses blocks, faults and jumps; how the three interleave is up to the machine.
/// `SIMULATION_SEEDS` sets how many are tried, 30 unless given.
struct SimulationTests {
  private static let seeds =
    ProcessInfo.processInfo.environment["SIMULATION_SEEDS"].flatMap { Int($0) } ?? 30

  @Test func `no sample is ever missing, and in the end none is doubled`() async throws {
    for seed in 0..<Self.seeds { try await simulate(UInt64(seed)) }
  }

  private func simulate(_ seed: UInt64) async throws {
    var random = SeededRandom(seed: seed)
    let fixture = try CompactorFixture()
    let bucket = fixture.makeBucket()
    let watched = WatchedBucket(bucket)
    // Blocks wait here until the uploader brings them.
    let staging = MemoryBucket()
    var blocks: [BlockID] = []
    // The samples of each cluster.
    var models: [String: BlockModel] = [:]
    for cluster in ["a", "b"].prefix(Int.random(in: 1...2, using: &random)) {
      let maker = try CompactorFixture()
      let end = Int64.random(in: 5...9, using: &random)
      blocks += try await maker.putRandom(
        windows: 0..<end, in: staging, seed: random.next(), labels: ["cluster": cluster])
      models[cluster] = maker.model
    }
    let rate = Int.random(in: 0...60, using: &random)
    let deleteDelay: Int64 = [0, 1000, 48 * 3_600_000].randomElement(using: &random) ?? 0
    let faulty = UnreliableBucket(watched, seed: random.next(), rate: rate)
    let services = ["one", "two"].map { name in
      fixture.service(faulty, dataDirectory: "\(fixture.directory)/\(name)") {
        $0.deleteDelay = deleteDelay
      }
    }
    for part in blocks.split(count: 3) {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await upload(part, from: staging, to: watched) }
        for service in services { group.addTask { _ = try? await service.compact() } }
      }
      fixture.wait(milliseconds: Int64.random(in: 0...20_000_000, using: &random))
    }
    #expect(watched.violations == [], "seed \(seed)")

    // Whatever state this left, a run without faults brings it to rest.
    fixture.wait(milliseconds: Leases.timeToLive)
    let last = fixture.service(watched, dataDirectory: "\(fixture.directory)/one") {
      $0.deleteDelay = deleteDelay
    }
    for _ in 0..<2 {
      let report = try await last.compact()
      #expect(report.isClean, "seed \(seed): \(report.failures)")
      fixture.wait(milliseconds: 60_000)
    }
    #expect(watched.violations == [], "seed \(seed)")
    for (cluster, model) in models {
      let live = try await fixture.samples(in: bucket) { id in
        let labels = try await fixture.meta(id, in: bucket).thanos?.labels
        guard labels?.first?.value == Array(cluster.utf8) else { return false }
        return try await !fixture.isMarked(id, in: bucket)
      }
      #expect(live == model, "seed \(seed)")
    }
    #expect(try await last.compact().mergedBlocks == [], "seed \(seed)")
  }

  private func upload(
    _ blocks: [BlockID], from staging: MemoryBucket, to bucket: WatchedBucket
  ) async {
    do {
      for id in blocks {
        let objects = try await staging.list(ObjectName(id.description), recursive: true)
        // In byte order meta.json, which makes a block of the files, comes last.
        for object in objects {
          try await bucket.write(try await staging.read(object.name), to: object.name)
        }
        bucket.expect(id)
      }
    } catch {
      Issue.record(error)
    }
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
