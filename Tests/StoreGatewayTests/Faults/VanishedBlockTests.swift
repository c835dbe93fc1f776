import GRPCCore
import ObjectStore
import StoreAPI
import TSDBBlock
import TestSupport
import Testing

@testable import StoreGateway

/// Blocks that cannot be read any more from some read of a call on.
@Suite struct VanishedBlockTests {
  /// So many series that there are several windows, and some of them are made ahead.
  private static func makeBlocks(in directory: String) throws -> [NaiveBlock] {
    var random = SeededRandom(seed: 5)
    return try (0..<2).map { number in
      try NaiveBlock(
        number: number, externals: LabelSet(number == 0 ? ["l0": "outside"] : ["zone": "eu"]),
        seriesCount: 130, in: directory, using: &random)
    }
  }

  private static func questions(aborts: Bool) throws -> [Question] {
    let matchers = [
      [],
      [try LabelMatcher(.regex, "__name__", "metric_[12]"), try LabelMatcher(.equal, "l1", "")],
    ]
    let calls: [Question.Call] = [
      .series(skipsChunks: false, batchSize: 10), .labelNames, .labelValues("l0"),
    ]
    return calls.flatMap { call in
      matchers.map { Question(call: call, matchers: $0, aborts: aborts) }
    }
  }

  /// Asks a question again and again; every read of the call in turn is the first that has `fault`,
  /// until none has.
  private func forEachRead(
    of question: Question, _ naive: [NaiveBlock], in directory: String,
    _ fault: (inout RemoteBucket.Faults, Int) -> Void,
    _ check: (Outcome, FaultyGateway) async throws -> Void
  ) async throws {
    var setup = FaultyGateway.Setup()
    setup.attempts = 1
    var readCount = 0
    var gateway: FaultyGateway
    repeat {
      gateway = try FaultyGateway(naive, in: directory, setup)
      var faults = RemoteBucket.Faults()
      fault(&faults, readCount)
      gateway.bucket.set(faults)
      try await check(await gateway.ask(question), gateway)
      #expect(await gateway.letsGoOfMemory(), "\(question) after \(readCount) reads")
      readCount += 1
    } while gateway.bucket.count(.getRange) >= readCount
    #expect(readCount > 1, "\(question) reads nothing")
  }

  @Test(
    "a block that goes in the middle of a call is one warning, also under ABORT, and is looked for",
    .timeLimit(.minutes(5)), arguments: [false, true])
  func vanishing(aborts: Bool) async throws {
    try await withTemporaryDirectory { directory in
      let naive = try Self.makeBlocks(in: directory)
      for question in try Self.questions(aborts: aborts) {
        try await forEachRead(of: question, naive, in: directory) {
          $0.vanishesAfter = $1
        } _: { outcome, gateway in
          let gone = gateway.takeRechecks()
          switch outcome {
          case .exact: #expect(gone.isEmpty)
          case .partial(let warnings):
            #expect(warnings.count == gone.count, "\(warnings) to \(question)")
            for id in gone {
              #expect(warnings.contains { $0.contains("\(id)") }, "\(warnings)")
            }
          case .failed, .wrong: Issue.record("\(outcome) to \(question)")
          }
        }
      }
    }
  }

  @Test(
    "a bucket that stops answering costs a warning for each block, or is an error under ABORT",
    .timeLimit(.minutes(5)), arguments: [false, true])
  func failing(aborts: Bool) async throws {
    try await withTemporaryDirectory { directory in
      let naive = try Self.makeBlocks(in: directory)
      for question in try Self.questions(aborts: aborts) {
        try await forEachRead(of: question, naive, in: directory) {
          $0.failsAfter = $1
        } _: { outcome, gateway in
          #expect(gateway.takeRechecks().isEmpty)
          switch outcome {
          case .exact: break
          case .partial(let warnings) where !aborts:
            #expect(warnings.count <= naive.count, "\(warnings) to \(question)")
          case .failed(.unavailable, _) where aborts: break
          default: Issue.record("\(outcome) to \(question)")
          }
        }
      }
    }
  }

  @Test("a block that was found gone is looked for also when the client leaves")
  func clientLeaves() async throws {
    try await withTemporaryDirectory { directory in
      let naive = try Self.makeBlocks(in: directory)
      let gateway = try FaultyGateway(naive, in: directory)
      var faults = RemoteBucket.Faults()
      faults.vanishesAfter = 0
      gateway.bucket.set(faults)
      let error = await #expect(throws: RPCError.self) {
        try await gateway.service.series(
          SeriesQueryTests.request([]), metadata: Metadata(),
          to: RPCWriter(wrapping: ClosedWriter())
        )
      }
      #expect(error?.code == .cancelled)
      #expect(gateway.takeRechecks() == Set(naive.map(\.meta.id)))
      #expect(await gateway.letsGoOfMemory())
    }
  }
}

/// What a service writes to when the client has gone.
private struct ClosedWriter: RPCWriterProtocol {
  func write(_ element: SeriesFrame) async throws {
    throw RPCError(code: .cancelled, message: "the client is gone")
  }

  func write(contentsOf elements: some Sequence<SeriesFrame>) async throws {
    for element in elements { try await write(element) }
  }
}
