import TSDBBlock
import TestSupport
import Testing

@testable import StoreGateway

/// Blocks that go from the bucket while they are asked.
@Suite struct VanishedBlockTests {
  @Test(
    "a block that goes in the middle of a call is a warning, also under ABORT, and is looked for",
    .timeLimit(.minutes(1)), arguments: [false, true])
  func vanishing(aborts: Bool) async throws {
    try await withTemporaryDirectory { directory in
      var random = SeededRandom(seed: 5)
      let naive = try [NaiveBlock].random(in: directory, using: &random)
      let ids = Set(naive.map(\.meta.id))
      let matchers = [
        [], [try LabelMatcher(.notEqual, "__name__", "")],
        [try LabelMatcher(.regex, "__name__", "metric_[12]"), try LabelMatcher(.equal, "l1", "")],
      ]
      let calls: [Question.Call] = [
        .series(skipsChunks: false, batchSize: 0), .series(skipsChunks: true, batchSize: 10),
        .labelNames, .labelValues("l0"),
      ]
      for (call, matchers) in calls.flatMap({ call in matchers.map { (call, $0) } }) {
        let question = Question(call: call, matchers: matchers, aborts: aborts)
        // Every read of the call in turn is the first that finds nothing.
        var readCount = 0
        var outcome = Outcome.wrong("not asked")
        repeat {
          let gateway = try FaultyGateway(naive, in: directory)
          var faults = RemoteBucket.Faults()
          faults.vanishesAfter = readCount
          gateway.bucket.set(faults)
          outcome = await gateway.ask(question)
          let gone = gateway.takeRechecks()
          switch outcome {
          case .exact: #expect(gone.isEmpty)
          case .partial(let warnings):
            #expect(!gone.isEmpty && gone.isSubset(of: ids), "\(question) after \(readCount) reads")
            for id in gone {
              #expect(warnings.contains { $0.contains("\(id)") }, "\(warnings)")
            }
          case .failed, .wrong:
            Issue.record("\(outcome) to \(question) after \(readCount) reads")
          }
          #expect(await gateway.letsGoOfMemory())
          readCount += 1
        } while outcome.isPartial
        #expect(outcome.isExact, "\(question)")
        #expect(readCount > 1, "\(question) reads nothing")
      }
    }
  }
}
