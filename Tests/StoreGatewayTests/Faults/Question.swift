import GRPCCore
import TSDBBlock
import TestSupport

@testable import StoreGateway

/// What a test asks the gateway.
struct Question: Sendable, CustomStringConvertible {
  enum Call: Sendable {
    case series(skipsChunks: Bool, batchSize: Int64)
    case labelNames
    case labelValues(String)
  }

  var call = Call.series(skipsChunks: false, batchSize: 0)
  var matchers: [LabelMatcher] = []
  var times = Int64.min...Int64.max
  var without: [String] = []
  var aborts = false

  var description: String {
    "\(call) \(matchers.map { "\($0)" }) \(times) without \(without) \(aborts ? "ABORT" : "WARN")"
  }

  static func random(using random: inout SeededRandom) throws -> Question {
    let selectors = try SeriesQueryTests.selectors()
    var question = Question()
    switch Int.random(in: 0..<8, using: &random) {
    case 0: question.call = .labelNames
    case 1:
      let names = ["__name__", "l0", "l1", "replica", "absent"]
      question.call = .labelValues(names[Int.random(in: 0..<names.count, using: &random)])
    case let number:
      let batchSizes: [Int64] = [0, 7, 64]
      question.call = .series(
        skipsChunks: number == 2, batchSize: batchSizes[Int.random(in: 0..<3, using: &random)])
    }
    question.matchers = selectors[Int.random(in: 0..<selectors.count, using: &random)]
    if Bool.random(using: &random) {
      let start = Int64.random(in: -200..<3000, using: &random)
      question.times = start...start + Int64.random(in: 0..<1500, using: &random)
    }
    let removed = [[], [], ["replica"], ["l0", "zone"]]
    question.without = removed[Int.random(in: 0..<removed.count, using: &random)]
    question.aborts = Bool.random(using: &random)
    return question
  }
}

/// What the gateway answers, or has to.
struct Answer: Equatable, Sendable {
  var series: ModelStore.Answer = [:]
  var strings: Set<String> = []

  /// Whether everything in it is in another answer.
  func isPart(of other: Answer) -> Bool {
    for (labels, samples) in series {
      guard let others = other.series[labels], samples.isSubset(of: others) else { return false }
    }
    return strings.isSubset(of: other.strings)
  }
}

/// How a call ended, compared with the right answer.
enum Outcome: Sendable {
  case exact
  /// Something is missing and a warning says so.
  case partial([String])
  case failed(RPCError.Code, String)
  /// Something that is not so, or something missing without a word.
  case wrong(String)

  init(_ answer: Answer, warnings: [String], expected: Answer) {
    if !answer.isPart(of: expected) {
      self = .wrong("has what is not there")
    } else if !warnings.isEmpty {
      self = .partial(warnings)
    } else {
      self = answer == expected ? .exact : .wrong("lacks something and does not say so")
    }
  }

  var isExact: Bool { if case .exact = self { true } else { false } }
  var isPartial: Bool { if case .partial = self { true } else { false } }
  var isWrong: Bool { if case .wrong = self { true } else { false } }
  var code: RPCError.Code? { if case .failed(let code, _) = self { code } else { nil } }
}
