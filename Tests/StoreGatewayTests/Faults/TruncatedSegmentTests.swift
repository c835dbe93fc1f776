import Foundation
import GRPCCore
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import StoreGateway

/// Files of mapped blocks that shrink under the map.
@Suite struct TruncatedSegmentTests {
  @Test("a segment that shrinks under its map is a warning and no crash", .timeLimit(.minutes(5)))
  func shrinking() async throws {
    for seed in 0..<UInt64(3) {
      try await withTemporaryDirectory { directory in
        var random = SeededRandom(seed: seed)
        let naive = try [NaiveBlock].random(in: directory, using: &random)
        let published = PublishedBlocks()
        published.publish(
          BlockSetSnapshot(
            try naive.map { try LoadedBlock($0.meta, directory: "\(directory)/\($0.meta.id)") }))
        let service = GatewayStoreService(
          blocks: published, window: .everything, executor: BlockingExecutor.shared)
        let question = Question()
        let expected = naive.answer(to: question)
        #expect(await service.ask(question, expected: expected).isExact)
        let rounds = Noted(0)
        let isOver = Noted(false)
        let asking = (0..<4).map { _ in
          Task {
            // What was verified before the file shrank may leave as zeros, so these only have to end.
            while !isOver.change({ $0 }) {
              _ = await service.ask(question, expected: expected)
              rounds.change { $0 += 1 }
            }
          }
        }
        #expect(await soon { rounds.change { $0 } > 4 })
        for block in naive {
          let path = "\(directory)/\(block.meta.id)/chunks/000001"
          let file = try FileHandle(forUpdating: URL(filePath: path))
          try file.truncate(atOffset: UInt64.random(in: 0..<60, using: &random))
          try file.close()
        }
        let before = rounds.change { $0 }
        #expect(await soon { rounds.change { $0 } > before + 8 })
        isOver.change { $0 = true }
        for task in asking { await task.value }
        let outcome = await service.ask(question, expected: expected)
        #expect(outcome.isPartial, "\(outcome), seed \(seed)")
        var strict = question
        strict.aborts = true
        #expect(await service.ask(strict, expected: expected).code == .dataLoss)
      }
    }
  }
}
