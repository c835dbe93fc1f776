import BlockCatalog
import Foundation
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

struct JournalTests {
  private let journal: Journal = {
    var meta = BlockMeta(id: BlockID.make(now: 1000), minTime: -5, maxTime: 7)
    meta.stats.samples = 3
    meta.thanos = ThanosMeta()
    meta.thanos?.labels = [.init(name: [0x61], value: Array("\u{FC}\"\n".utf8))]
    meta.thanos?.indexStats.seriesMaxSize = 9
    let proof = BlockProof(
      fingerprint: BlockFingerprint("12-ffffffffffffffff-0-3")!, series: 2,
      segments: ["000001", "000002"])
    let deletions = InputDeletions([
      BlockID.make(now: 7): String(repeating: "a", count: 64),
      BlockID.make(now: 8): String(repeating: "b", count: 64),
    ])
    return Journal(method: "chain", deletions: deletions, meta: meta, proof: proof)
  }()

  @Test func `what was written is read`() {
    #expect(Journal(journal.bytes) == journal)
  }

  @Test func `one that does not tell the deletions of the inputs is none`() throws {
    let text = String(decoding: journal.bytes, as: UTF8.self).split(separator: "\n")[0]
    let start = try #require(text.range(of: #""tombstones":{"#)).lowerBound
    let end = try #require(text.range(of: "},", range: start..<text.endIndex)).upperBound
    func read(_ line: String) -> Journal? {
      var checksum = CRC32C()
      checksum.update(Array(line.utf8))
      let digits = String(checksum.value, radix: 16)
      let padding = String(repeating: "0", count: 8 - digits.count)
      return Journal(Array("\(line)\n\(padding)\(digits)\n".utf8))
    }
    #expect(read(String(text)) == journal)
    #expect(read(String(text[..<start] + text[end...])) == nil)
    for bad in ["[]", #"{"x":"a"}"#, #"{"\#(BlockID.zero)":1}"#] {
      #expect(read(text[..<start] + "\"tombstones\":\(bad)," + text[end...]) == nil)
    }
  }

  @Test func `a torn one is none, wherever it was torn`() {
    let bytes = journal.bytes
    for length in 0..<bytes.count {
      #expect(Journal(Array(bytes[..<length])) == nil)
      // A block of the file that never reached the disk reads as zeros.
      #expect(
        Journal(bytes[..<length] + Array(repeating: 0, count: bytes.count - length)) == nil)
    }
    #expect(Journal(bytes + [0]) == nil)
  }

  @Test func `one with a flipped bit is none`() {
    for bit in 0..<journal.bytes.count * 8 {
      var bytes = journal.bytes
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Journal(bytes) == nil)
    }
  }

  @Test func `a result belongs to one plan, one method and one day`() {
    var planned = journal.meta
    planned.stats = BlockMeta.Stats()
    planned.thanos?.indexStats = ThanosMeta.IndexStats()
    #expect(journal.isResult(of: planned, by: "chain", now: 1000))
    #expect(journal.isResult(of: planned, by: "chain", now: 999 + 24 * 3_600_000))
    #expect(!journal.isResult(of: planned, by: "chain", now: 1000 + 24 * 3_600_000))
    #expect(!journal.isResult(of: planned, by: "penalty", now: 1000))
    planned.compaction.parents = [.init(id: .zero, minTime: 0, maxTime: 1)]
    #expect(!journal.isResult(of: planned, by: "chain", now: 1000))
  }
}
