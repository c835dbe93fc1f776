import StoreAPI
import SwiftProtobuf
import TSDBBlock
import TestSupport
import Testing

@testable import StoreGateway

@Suite struct SeriesQueryTests {
  static func request(
    _ matchers: [LabelMatcher], without: [String] = [], aborts: Bool = false
  ) -> Thanos_SeriesRequest {
    .with {
      $0.minTime = .min
      $0.maxTime = .max
      $0.withoutReplicaLabels = without
      $0.partialResponseStrategy = aborts ? .abort : .warn
      $0.matchers = matchers.map { matcher in
        .with {
          $0.name = String(decoding: matcher.name, as: UTF8.self)
          $0.value = String(decoding: matcher.value, as: UTF8.self)
          switch matcher.kind {
          case .equal: $0.type = .eq
          case .notEqual: $0.type = .neq
          case .regex: $0.type = .re
          case .notRegex: $0.type = .nre
          }
        }
      }
    }
  }

  static func selectors() throws -> [[LabelMatcher]] {
    try [
      [],
      [LabelMatcher(.equal, "__name__", "metric_1")],
      [LabelMatcher(.regex, "l0", "v1.*")],
      [LabelMatcher(.equal, "l0", "")],
      [LabelMatcher(.notEqual, "l1", ""), LabelMatcher(.notRegex, "l0", "v(1|2|3)")],
      [LabelMatcher(.equal, "replica", "a")],
      [LabelMatcher(.notEqual, "zone", ""), LabelMatcher(.regex, "__name__", ".*_[02]")],
      [LabelMatcher(.equal, "l2", "")],
    ]
  }

  @Test func `the answer is that of looking at every series of every block`() async throws {
    // Names that sort before, between and behind those inside, and ones that collide with them.
    let externals: [[String: String]] = [
      ["replica": "a", "zone": "eu"], ["replica": "b", "zone": "eu"], ["A": "first", "l0x": "1"],
      ["l0": "outside", "replica": "a"], [:],
    ]
    for seed in UInt64(0)..<3 {
      var random = SeededRandom(seed: seed)
      var store = ModelStore()
      for labels in externals {
        let pairs = labels.map { (name: Array($0.key.utf8), value: Array($0.value.utf8)) }
        let model = BlockModel.random(start: 0, seriesCount: 40, using: &random)
        store.blocks.append(ModelStore.Content(externals: LabelSet(pairs), model: model))
      }
      try await withTemporaryDirectory { directory in
        let snapshot = try store.load(in: directory)
        for matchers in try Self.selectors() {
          for without in [[], ["replica"], ["l0", "zone"]] {
            let answer = try await ModelStore.ask(
              Self.request(matchers, without: without), snapshot)
            let expected = store.answer(matching: matchers, without: without)
            #expect(answer.isOrdered, "\(matchers) without \(without), seed \(seed)")
            #expect(answer.warnings.isEmpty)
            #expect(answer.model == expected, "\(matchers) without \(without), seed \(seed)")
          }
        }
      }
    }
  }
}
