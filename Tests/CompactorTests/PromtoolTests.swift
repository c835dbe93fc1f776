import BlockCatalog
import Foundation
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

/// What the compactor makes, loaded by Debian's promtool.
@Suite(.enabled(if: PromtoolDatabase.isInstalled)) struct PromtoolTests {
  private static let scrapeInterval: Int64 = 15_000

  private let fixture: CompactorFixture
  private let bucket: FilesystemBucket

  init() throws {
    fixture = try CompactorFixture()
    bucket = try FilesystemBucket(directory: fixture.directory + "/bucket")
  }

  @Test(arguments: [OverlapPolicy.chain, .penalty, .lossless])
  func `promtool lists, analyzes and dumps merged replicas as we read them`(
    policy: OverlapPolicy
  ) async throws {
    var random = SeededRandom(seed: 20_240_301)
    for window in 0..<5 as Range<Int64> {
      for (number, name) in ["x", "y"].enumerated() {
        let samples = Self.replica(Int64(number), window: window, using: &random)
        try await fixture.put(
          samples, window: window * 2 + Int64(number), in: bucket,
          labels: ["cluster": "a", "replica": name], start: window * CompactorFixture.twoHours)
      }
    }
    let report = try await fixture.service(bucket) { configuration in
      configuration.replicaLabels = ReplicaLabels([Array("replica".utf8)])
      configuration.overlaps = policy
      configuration.planner.mergesOverlaps = true
    }.compact()
    #expect(report.isClean)

    let ours = try await fixture.liveSamples(in: bucket)
    let count = ours.values.reduce(0) { $0 + $1.count }
    let given = fixture.model.values.reduce(0) { $0 + $1.count }
    if policy == .chain { #expect(count == given) } else { #expect(count < given * 3 / 4) }
    let database = try await PromtoolDatabase(of: fixture, bucket)
    #expect(database.metas.contains { $0.minTime == 0 && $0.maxTime == 8 * 3_600_000 })
    #expect(try database.dump() == PromtoolDatabase.comparable(ours))
    try expectListed(database)
    for meta in database.metas {
      let analysis = try database.analyze(meta.id, extended: true)
      #expect(analysis["Series"] == "\(meta.stats.series)")
      #expect(analysis["Label names"] == "2")
    }
  }

  @Test func `promtool lists downsampled blocks and analyzes their indexes`() async throws {
    let length: Int64 = 336 * 3_600_000
    var model: BlockModel = [:]
    for name in ["up", "requests_total"] {
      for pod in 0..<3 {
        let labels = LabelSet(["__name__": name, "pod": "p\(pod)"])
        for time in stride(from: Int64(pod), to: length, by: 900_000) {
          model[labels, default: [:]][time] = Double(time % 97).bitPattern
        }
      }
    }
    let raw = try await fixture.put(model, window: 0, in: bucket, length: length)
    let report = try await fixture.service(bucket).compact()
    #expect(report.isClean)
    let database = try await PromtoolDatabase(of: fixture, bucket)
    #expect(database.metas.map(\.resolution).sorted() == [0, 300_000, 3_600_000])
    try expectListed(database)
    let expected = try database.analyze(raw)
    #expect(expected["Series"] == "6")
    for id in report.downsampledBlocks { #expect(try database.analyze(id) == expected) }
  }

  @Test func `promtool finds no sample in a downsampled block`() async throws {
    var random = SeededRandom(seed: 1)
    let raw = try await fixture.put(
      BlockModel.random(start: 0, seriesCount: 3, using: &random), window: 0, in: bucket,
      length: 50 * 3_600_000)
    let report = try await fixture.service(bucket).compact()
    #expect(report.downsampledBlocks.count == 1)
    let database = try await PromtoolDatabase(of: fixture, bucket) { $0 != raw }
    // Other versions may say why.
    #expect(try database.dump(mayFail: true) == [:])
  }

  private func expectListed(_ database: PromtoolDatabase) throws {
    let rows = try database.list()
    #expect(rows.count == database.metas.count)
    for meta in database.metas {
      #expect(
        rows[meta.id.description] == [
          "\(meta.minTime)", "\(meta.maxTime)", "\(meta.stats.samples)", "\(meta.stats.chunks)",
          "\(meta.stats.series)",
        ])
    }
  }

  /// Two hours of gauges and counters, scraped at times of the replica's own, with holes.
  private static func replica(
    _ number: Int64, window: Int64, using random: inout SeededRandom
  ) -> BlockModel {
    let special = [Double.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude]
    let start = window * CompactorFixture.twoHours
    var model: BlockModel = [:]
    for pod in 0..<8 as Range<Int64> {
      let isCounter = pod < 3
      let labels = LabelSet([
        "__name__": isCounter ? "requests_total" : "level", "pod": "p\(pod)",
      ])
      let hole = Int64.random(in: 0..<440, using: &random)
      for step in 0..<480 as Range<Int64> {
        let isMissing = Int.random(in: 0..<20, using: &random) == 0
        if isMissing || (hole..<hole + 40).contains(step) { continue }
        let time = start + step * scrapeInterval + number * 7_000 + pod
        let value =
          isCounter
          ? Double(time / 1000)
          : step % 50 < 5 ? special[Int(step % 5)] : Double.random(in: -1e6...1e6, using: &random)
        model[labels, default: [:]][time] = value.bitPattern
      }
    }
    return model
  }
}
