import TSDBBlock
import TestSupport

/// Random conditions on labels that a block has, and on some that it has not.
struct RandomSelector {
  private let names: [[UInt8]]
  private let values: [[UInt8]: [[UInt8]]]

  init(_ index: IndexReader) throws {
    var values: [[UInt8]: [[UInt8]]] = [:]
    for name in try index.labelNames() { values[name] = try index.labelValues(of: name) }
    self.values = values
    names = values.keys.sorted(by: ByteOrder.precedes)
  }

  func matchers(_ random: inout SeededRandom) throws -> [LabelMatcher] {
    try (0..<Int.random(in: 0...4, using: &random)).map { _ in try matcher(&random) }
  }

  private func matcher(_ random: inout SeededRandom) throws -> LabelMatcher {
    let name = names.randomElement(using: &random) ?? []
    let known = values[name] ?? []
    func value() -> [UInt8] { known.randomElement(using: &random) ?? [] }
    switch Int.random(in: 0..<12, using: &random) {
    case 0, 1, 2: return try LabelMatcher(.equal, name: name, value: value())
    case 3: return try LabelMatcher(.notEqual, name: name, value: value())
    case 4: return try LabelMatcher(.notEqual, name: name, value: [])
    case 5: return try LabelMatcher(.equal, name: name, value: [])
    case 6: return try LabelMatcher(.regex, name: name, value: Array(".+".utf8))
    case 7: return try LabelMatcher(.regex, name: name, value: Array(".*".utf8))
    case 8: return try LabelMatcher(.regex, name: name, value: Array("[a-m0-4].*".utf8))
    case 9: return try LabelMatcher(.notRegex, name: name, value: Array(".*[02468aeiou]".utf8))
    case 10: return try LabelMatcher(.equal, name: Array("no_such".utf8), value: value())
    default: return try LabelMatcher(.notEqual, name: Array("no_such".utf8), value: value())
    }
  }
}
