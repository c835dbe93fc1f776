import StoreAPI
import TSDBBlock
import TestSupport
import Testing

@testable import StoreGateway

@Suite struct DamagedBlockTests {
  static let id = BlockID.make(now: 1)

  /// A block of six series with two chunks each.
  static func makeSmallBlock(at directory: String) throws {
    _ = try makeBlock(
      at: directory, id: id,
      (0..<6).map { number in
        TestSeries(
          LabelSet(["__name__": "m", "n": "\(number)"]),
          (0..<6).map { (time: Int64($0) * 15_000, value: Double($0 * number)) })
      }, samplesPerChunk: 3
    ) { meta in
      var thanos = ThanosMeta()
      thanos.labels = [.init(name: Array("replica".utf8), value: Array("a".utf8))]
      meta.thanos = thanos
    }
  }

  static func load(_ directory: String) throws -> BlockSetSnapshot {
    BlockSetSnapshot([try LoadedBlock(BlockReader.readMeta(directory), directory: directory)])
  }

  static func everything(aborts: Bool = false) throws -> Thanos_SeriesRequest {
    SeriesQueryTests.request([try LabelMatcher(.notEqual, "n", "")], aborts: aborts)
  }

  @Test func `a damaged chunk is left out with a warning that says where it is`() async throws {
    try await withTemporaryDirectory { directory in
      try Self.makeSmallBlock(at: directory + "/b")
      let whole = try await ModelStore.ask(Self.everything(), Self.load(directory + "/b"))
      let path = directory + "/b/chunks/000001"
      var bytes = try fileBytes(path)
      bytes[bytes.count - 6] ^= 1
      try writeFile(bytes, to: path)
      let damaged = try await ModelStore.ask(Self.everything(), Self.load(directory + "/b"))
      #expect(damaged.warnings.count == 1)
      let warning = damaged.warnings.first ?? ""
      #expect(warning.hasPrefix("block \(Self.id): chunks/000001: chunk at offset "), "\(warning)")
      #expect(damaged.model.count == 6)
      let lost = whole.model.values.joined().count - damaged.model.values.joined().count
      #expect(lost == 3)
    }
  }

  @Test func `under ABORT a damaged chunk is an error`() async throws {
    try await withTemporaryDirectory { directory in
      try Self.makeSmallBlock(at: directory + "/b")
      let path = directory + "/b/chunks/000001"
      var bytes = try fileBytes(path)
      bytes[bytes.count - 6] ^= 1
      try writeFile(bytes, to: path)
      let snapshot = try Self.load(directory + "/b")
      let error = await #expect(throws: QueryError.self) {
        try await ModelStore.ask(Self.everything(aborts: true), snapshot)
      }
      guard case .damaged(let block, let reason) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(block == Self.id)
      #expect(reason.code == .checksumMismatch)
    }
  }

  @Test func `a missing segment is a warning for each chunk and no trap`() async throws {
    try await withTemporaryDirectory { directory in
      try Self.makeSmallBlock(at: directory + "/b")
      _ = try runProcess("rm", [directory + "/b/chunks/000001"]).requireSuccess()
      let answer = try await ModelStore.ask(Self.everything(), Self.load(directory + "/b"))
      #expect(answer.model.isEmpty)
      #expect(answer.warnings.count == 12)
    }
  }

  @Test(arguments: ["index", "chunks/000001"])
  func `every flipped bit gives the right answer, warnings or an error`(file: String) async throws {
    try await withTemporaryDirectory { directory in
      try Self.makeSmallBlock(at: directory + "/b")
      let whole = try await ModelStore.ask(Self.everything(), Self.load(directory + "/b"))
      let bytes = try fileBytes(directory + "/b/" + file)
      for bit in 0..<8 * bytes.count {
        var damaged = bytes
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        try writeFile(damaged, to: directory + "/b/" + file)
        guard let snapshot = try? Self.load(directory + "/b") else { continue }
        let answer = try await ModelStore.ask(Self.everything(), snapshot)
        #expect(
          answer.model == whole.model || !answer.warnings.isEmpty, "bit \(bit) of \(file)")
        let labels = LabelQuery(
          plan: try LabelPlan(Thanos_LabelNamesRequest()), snapshot: snapshot)
        _ = try await labels.names()
        _ = try await labels.values(of: Array("n".utf8))
      }
    }
  }
}
