import GRPCCore
import ObjectStore
import TestSupport
import Testing

@testable import StoreGateway

/// Requests that may not have what they need.
@Suite struct RefusalTests {
  /// What is scarce.
  enum Scarcity: CaseIterable, Sendable {
    case memory, chunkPool, bytes

    /// From too little for every call to enough for most.
    var amounts: [Int] {
      switch self {
      // A call is admitted with a little more than 2 MiB, and has to pay for what it fetches then.
      case .memory: (0..<16).map { (2 << 20) + ($0 << 16) }
      case .chunkPool, .bytes: (0..<16).map { 256 << $0 }
      }
    }

    func resources(_ amount: Int) -> RequestResources {
      var resources = RequestResources(memory: MemoryBudget(byteCount: 1 << 30))
      switch self {
      case .memory: resources.memory = MemoryBudget(byteCount: amount, patience: .seconds(5))
      case .chunkPool: resources.chunkPool = FairShare(capacity: amount)
      case .bytes: resources.limits = { RequestLimits(bytes: amount) }
      }
      return resources
    }
  }

  @Test(
    "whatever is scarce, calls are answered or refused, and hold nothing afterwards",
    .timeLimit(.minutes(5)), arguments: Scarcity.allCases, [false, true])
  func refusals(of scarcity: Scarcity, isCached: Bool) async throws {
    try await withTemporaryDirectory { directory in
      var random = SeededRandom(seed: 11)
      let naive = try [NaiveBlock].random(in: directory, using: &random)
      var setup = FaultyGateway.Setup()
      setup.isCached = isCached
      var (answered, refused) = (0, 0)
      for amount in scarcity.amounts {
        let gateway = try FaultyGateway(
          naive, in: directory, setup, resources: scarcity.resources(amount))
        let questions = try (0..<6).map { _ in try Question.random(using: &random) }
        for (question, outcome) in zip(questions, await gateway.ask(questions, atOnce: 4)) {
          switch outcome {
          case .exact: answered += 1
          case .failed(.resourceExhausted, let text):
            refused += 1
            #expect(text.contains("--"), "names no flag: \(text)")
          default: Issue.record("\(outcome) to \(question) with \(amount) of \(scarcity)")
          }
        }
        #expect(await gateway.letsGoOfMemory(), "\(amount) of \(scarcity)")
      }
      #expect(answered > 0 && refused > 0, "\(answered) answered, \(refused) refused")
    }
  }
}
