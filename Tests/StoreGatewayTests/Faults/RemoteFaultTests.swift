import Foundation
import GRPCCore
import TestSupport
import Testing

@testable import StoreGateway

/// Questions to a gateway whose bucket fails, stalls, cuts answers off and answers with other bytes.
///
/// The seed chooses blocks, questions and how often what goes wrong; how calls interleave is up to
/// the machine. `FAULT_SEEDS` sets how many are tried, 6 unless given.
@Suite struct RemoteFaultTests {
  static let seeds: UInt64 =
    ProcessInfo.processInfo.environment["FAULT_SEEDS"].flatMap { UInt64($0) } ?? 6

  @Test("no fault of the bucket makes an answer wrong, or is remembered", .timeLimit(.minutes(5)))
  func faultsPass() async throws {
    var sum = (exact: 0, partial: 0, failed: 0)
    for seed in 0..<Self.seeds {
      let outcomes = try await faultsPass(seed)
      sum.exact += outcomes.count { $0.isExact }
      sum.partial += outcomes.count { $0.isPartial }
      sum.failed += outcomes.count { $0.code != nil }
    }
    // Each way to end is a way that was tried.
    #expect(sum.exact > 0 && sum.partial > 0 && sum.failed > 0, "\(sum)")
  }

  /// - Returns: How the calls ended while there were faults.
  private func faultsPass(_ seed: UInt64) async throws -> [Outcome] {
    try await withTemporaryDirectory { directory in
      var random = SeededRandom(seed: seed)
      try FileManager.default.createDirectory(
        atPath: directory + "/bucket", withIntermediateDirectories: false)
      let naive = try [NaiveBlock].random(in: directory + "/bucket", using: &random)
      let gateway = try FaultyGateway(
        naive, in: directory + "/bucket", seed: random.next(),
        .random(directory + "/data", using: &random))
      var faults = RemoteBucket.Faults.all(Double.random(in: 0.005..<0.08, using: &random))
      faults.stall /= 4
      gateway.bucket.set(faults)
      let questions = try (0..<40).map { _ in try Question.random(using: &random) }
      let outcomes = await gateway.ask(questions)
      for (question, outcome) in zip(questions, outcomes) {
        let isFair = Self.isFair(outcome, to: question)
        #expect(isFair, "\(outcome) to \(question), seed \(seed)")
      }
      gateway.bucket.set(RemoteBucket.Faults())
      for question in questions {
        let outcome = await Self.lastOutcome(of: question, gateway)
        #expect(outcome.isExact, "\(outcome) to \(question), seed \(seed), without faults")
      }
      #expect(gateway.takeRechecks() == [], "seed \(seed)")
      #expect(await gateway.letsGoOfMemory(), "seed \(seed)")
      let blocks = gateway.published.current.sets.flatMap(\.blocks).map(WeakBlock.init)
      gateway.published.publish(BlockSetSnapshot([]))
      #expect(blocks.count == naive.count)
      #expect(await soon { !blocks.contains { $0.block != nil } }, "seed \(seed)")
      return outcomes
    }
  }

  private static func isFair(_ outcome: Outcome, to question: Question) -> Bool {
    switch outcome {
    case .exact: true
    case .partial: !question.aborts
    // Retryable, or what the bucket gave twice was not a block.
    case .failed(let code, _): question.aborts && (code == .unavailable || code == .dataLoss)
    case .wrong: false
    }
  }

  /// The outcome once the machine is quick enough to answer every read in time.
  private static func lastOutcome(
    of question: Question, _ gateway: FaultyGateway
  ) async -> Outcome {
    var outcome = await gateway.ask(question)
    for _ in 0..<100 where !outcome.isExact && !outcome.isWrong {
      try? await Task.sleep(for: .milliseconds(5))
      outcome = await gateway.ask(question)
    }
    return outcome
  }
}

private struct WeakBlock {
  weak var block: LoadedBlock?

  init(_ block: LoadedBlock) { self.block = block }
}
