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

  /// Gives references in the order of the first meeting; the format does not need them sorted.
  struct Symbols {
    private var known: [[UInt8]] = []

    mutating func references(_ labels: Labels) -> [LabelReference] {
      labels.map { LabelReference(name: add($0.name), value: add($0.value)) }
    }

    private mutating func add(_ symbol: [UInt8]) -> UInt32 {
      if let index = known.firstIndex(of: symbol) { return UInt32(index) }
      known.append(symbol)
      return UInt32(known.count - 1)
    }

    func table() throws -> SymbolTable {
      var content: [UInt8] = []
      append(UInt32(known.count), to: &content)
      for symbol in known { content += [UInt8(symbol.count)] + symbol }
      var section: [UInt8] = []
      append(UInt32(content.count), to: &section)
      section += content
      append(CRC32C(content.rawSpan).value, to: &section)
      return try SymbolTable(
        part: ByteSlice(ByteStorage(section)), fileOffset: 0, indexVersion: 2)
    }

    private func append(_ number: UInt32, to bytes: inout [UInt8]) {
      bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
  }

  static func assembled(
    _ inner: Labels, externals: Labels, removing removed: [String] = []
  ) throws -> [UInt8] {
    var symbols = Symbols()
    let references = symbols.references(inner)
    var assembler = LabelAssembler(
      externals: externals, removedNames: Set(removed.map { bytes($0) }))
    _ = try assembler.assemble(references, symbols.table())
    return assembler.current
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

  @Test func `a reference that leads nowhere is an error, also the greatest one`() throws {
    var symbols = Symbols()
    let good = symbols.references(Self.labels(["a": "1", "b": "2"]))
    let table = try symbols.table()
    var assembler = LabelAssembler(externals: [], removedNames: [])
    for reference in [UInt32(7), .max] {
      _ = try assembler.assemble(good, table)
      let bad = [good[0], LabelReference(name: reference, value: reference)]
      #expect(throws: BlockError.self) { try assembler.assemble(bad, table) }
      _ = try assembler.assemble(good, table)
      #expect(assembler.current == WireLabels.encode(Self.labels(["a": "1", "b": "2"])))
    }
  }

  @Test func `it is told whether a series extends the one before`() throws {
    var symbols = Symbols()
    let short = symbols.references(Self.labels(["a": "1"]))
    let long = symbols.references(Self.labels(["a": "1", "b": "2"]))
    let other = symbols.references(Self.labels(["a": "1", "c": "2"]))
    let table = try symbols.table()
    var assembler = LabelAssembler(externals: Self.labels(["b2": "x"]), removedNames: [])
    _ = try assembler.assemble(short, table)
    let results = try [long, other, short, long].map { try assembler.assemble($0, table) }
    #expect(results == [true, false, false, true])
    #expect(
      assembler.current == WireLabels.encode(Self.labels(["a": "1", "b": "2", "b2": "x"])))
  }

  @Test func `many labels through the cache come out like built one by one`() throws {
    var random = SeededRandom(seed: 8)
    let externals = Self.labels(["cluster": "eu", "replica": "A"])
    var series: [Labels] = []
    for _ in 0..<1000 {
      var inner: Labels = []
      for name in ["a", "cluster", "job", "pod", "zone"] where Bool.random(using: &random) {
        inner.append((Self.bytes(name), Self.bytes("v\(Int.random(in: 0..<400, using: &random))")))
      }
      series.append(inner)
    }
    var symbols = Symbols()
    let references = series.map { symbols.references($0) }
    let table = try symbols.table()
    var assembler = LabelAssembler(externals: externals, removedNames: [Self.bytes("pod")])
    for (inner, references) in zip(series, references) {
      var expected = inner.filter { !["cluster", "pod"].map(Self.bytes).contains($0.name) }
      expected += externals
      expected.sort { ByteOrder.precedes($0.name, $1.name) }
      _ = try assembler.assemble(references, table)
      #expect(assembler.current == WireLabels.encode(expected))
    }
  }
}
