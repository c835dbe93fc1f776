import StoreAPI
import TSDBBlock
import TestSupport
import Testing

@testable import StoreGateway

@Suite struct LabelAssemblerTests {
  typealias Labels = [(name: [UInt8], value: [UInt8])]

  static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  static func labels(_ pairs: KeyValuePairs<String, String>) -> Labels {
    pairs.map { (bytes($0.key), bytes($0.value)) }
  }

  struct Symbols {
    private(set) var table: [[UInt8]] = []

    mutating func references(_ labels: Labels) -> [LabelReference] {
      labels.map { LabelReference(name: add($0.name), value: add($0.value)) }
    }

    private mutating func add(_ symbol: [UInt8]) -> UInt32 {
      if let index = table.firstIndex(of: symbol) { return UInt32(index) }
      table.append(symbol)
      return UInt32(table.count - 1)
    }

    func bytes(_ reference: UInt32) throws(BlockError) -> [UInt8] {
      guard reference < table.count else { throw BlockError(.badReference) }
      return table[Int(reference)]
    }
  }

  static func assembled(
    _ inner: Labels, externals: Labels, removing removed: [String] = []
  ) throws -> [UInt8] {
    var symbols = Symbols()
    let references = symbols.references(inner)
    var assembler = LabelAssembler(
      externals: externals, removedNames: Set(removed.map { bytes($0) }))
    var result: [UInt8] = []
    try assembler.append(references, to: &result, resolve: symbols.bytes)
    return result
  }

  @Test func `external labels stand in their places`() throws {
    let result = try Self.assembled(
      Self.labels(["b": "1", "d": "2"]), externals: Self.labels(["a": "x", "c": "y", "e": "z"]))
    #expect(
      result
        == WireLabels.encode(Self.labels(["a": "x", "b": "1", "c": "y", "d": "2", "e": "z"])))
  }

  @Test func `external labels override those inside and removed ones disappear from both`() throws {
    let result = try Self.assembled(
      Self.labels(["a": "in", "b": "in", "r": "in"]),
      externals: Self.labels(["b": "out", "q": "out", "s": "out"]), removing: ["q", "r"])
    #expect(result == WireLabels.encode(Self.labels(["a": "in", "b": "out", "s": "out"])))
  }

  @Test func `a label with an empty value is no label`() throws {
    let result = try Self.assembled(Self.labels(["a": "", "b": "1"]), externals: [])
    #expect(result == WireLabels.encode(Self.labels(["b": "1"])))
  }

  @Test func `a reference that leads nowhere is an error, also the greatest one`() {
    var assembler = LabelAssembler(externals: [], removedNames: [])
    var result: [UInt8] = []
    for reference in [UInt32(7), .max] {
      #expect(throws: BlockError.self) {
        try assembler.append(
          [LabelReference(name: reference, value: reference)], to: &result,
          resolve: Symbols().bytes)
      }
    }
  }

  @Test func `many labels through the cache come out like built one by one`() throws {
    var random = SeededRandom(seed: 8)
    let externals = Self.labels(["cluster": "eu", "replica": "A"])
    var symbols = Symbols()
    var assembler = LabelAssembler(externals: externals, removedNames: [Self.bytes("pod")])
    for _ in 0..<1000 {
      var inner: Labels = []
      for name in ["a", "cluster", "job", "pod", "zone"] where Bool.random(using: &random) {
        inner.append((Self.bytes(name), Self.bytes("v\(Int.random(in: 0..<400, using: &random))")))
      }
      var expected = inner.filter { !["cluster", "pod"].map(Self.bytes).contains($0.name) }
      expected += externals
      expected.sort { ByteOrder.precedes($0.name, $1.name) }
      var result: [UInt8] = []
      try assembler.append(symbols.references(inner), to: &result, resolve: symbols.bytes)
      #expect(result == WireLabels.encode(expected))
    }
  }
}
