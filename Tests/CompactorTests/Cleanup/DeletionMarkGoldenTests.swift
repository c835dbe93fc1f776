import BlockCatalog
import Logging
import ObjectStore
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import Compactor

/// Marks that are written, removed and looked at, and blocks that are deleted, step by step.
///
/// Ours differs on purpose: a mark that a person removes saves its block, where the reference
/// remembers it; a mark of an unknown version is no mark, where the reference's sync fails; remains
/// of an interrupted deletion go when the mark says so, where the reference waits two days.
struct DeletionMarkGoldenTests {
  private static let now: Int64 = 1_800_000_000_000

  @Test func `blocks are hidden and deleted when the reference does`() async throws {
    var compared = 0
    for item in try Golden.jsonLines("compact/deletionmark.jsonl") {
      let id = item["id"].string ?? ""
      let bucket = MemoryBucket(now: { Self.now })
      var marks: [BlockID: Int64?] = [:]
      var withMeta: Set<BlockID> = []
      for block in item["blocks"].array ?? [] {
        let block = try self.block(block)
        withMeta.insert(block)
        let meta = BlockMeta(id: block, minTime: 0, maxTime: 1, thanos: ThanosMeta())
        try await bucket.write(meta.jsonBytes(), to: ObjectName("\(block)/meta.json"))
        for name in ["index", "chunks/000001"] {
          try await bucket.write([1], to: ObjectName("\(block)/\(name)"))
        }
      }
      let filterDelay = item["filterDelayMs"].int64 ?? 0
      let deleteDelay = item["deleteDelayMs"].int64 ?? 0
      // Whether the reference has come to something that ours does another way.
      var differs = false
      for (number, step) in (item["steps"].array ?? []).enumerated() {
        let place = "\(id) step \(number)"
        switch step["op"].string {
        case "putMark":
          let block = try self.block(step["block"])
          let name = try ObjectName("\(block)/deletion-mark.json")
          if let raw = step["raw"].string {
            try await bucket.write(Array(raw.utf8), to: name)
            marks[block] = .some(nil)
            if raw.contains("\"version\":2") { differs = true }
          } else {
            let age = try #require(step["deletionAgeMs"].int64)
            let mark = DeletionMark(id: block, time: (Self.now - age) / 1000)
            try await bucket.write(mark.jsonBytes(), to: name)
            marks[block] = age
          }
        case "removeMark":
          let block = try self.block(step["block"])
          try await bucket.delete(ObjectName("\(block)/deletion-mark.json"))
          marks[block] = nil
          differs = true
        case "removeMeta":
          let block = try self.block(step["block"])
          try await bucket.delete(ObjectName("\(block)/meta.json"))
          withMeta.remove(block)
          differs = true
        case "filter":
          let snapshot = try await snapshot(bucket, filterDelay)
          let marked = marks.compactMap {
            $0.value != nil && withMeta.contains($0.key) ? $0.key : nil
          }
          let kept = withMeta.filter { ((marks[$0] ?? nil) ?? Int64.min) <= filterDelay }
          #expect(Set(snapshot.deletionMarks.keys) == Set(marked), "\(place)")
          #expect(Set(snapshot.entries.map(\.id)) == kept, "\(place)")
          if differs { continue }
          #expect(try kept == blocks(step["kept"]), "\(place)")
          #expect(try Set(marked) == blocks(step["markMap"]), "\(place)")
          compared += 1
        case "deleteMarked":
          let sweep = DeletionSweep(
            bucket: bucket, delay: DeletionDelay(milliseconds: deleteDelay),
            environment: environment)
          let deleted = await sweep.run(try await snapshot(bucket, filterDelay)).deleted
          let due = marks.compactMap { ($0.value ?? Int64.min) > deleteDelay ? $0.key : nil }
          #expect(deleted == Set(due), "\(place)")
          for block in due {
            marks[block] = nil
            withMeta.remove(block)
          }
          if differs { continue }
          #expect(try deleted == blocks(step["deleted"]), "\(place)")
          let left = try await bucket.list(nil, recursive: true).map(\.name.text)
          #expect(
            left.sorted()
              == (step["remainingObjects"].array ?? []).compactMap(\.string).sorted(), "\(place)")
          compared += 1
        default: Issue.record("\(place): unknown step")
        }
      }
    }
    #expect(compared > 0)
  }

  private func snapshot(_ bucket: MemoryBucket, _ delay: Int64) async throws -> CatalogSnapshot {
    var rules = CatalogRules()
    rules.deletionDelay = DeletionDelay(milliseconds: delay)
    rules.hidesDuplicates = false
    let chosen = rules
    let fetcher = CatalogFetcher(
      bucket: bucket, rules: chosen,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { Self.now })
    return try await fetcher.fetch()
  }

  private var environment: CompactorEnvironment {
    CompactorEnvironment(
      metrics: CompactorMetrics(registry: MetricRegistry()),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, observer: NoObserver(),
      threadCount: 1, transfers: Transfers(), now: { Self.now })
  }

  private func block(_ value: JSONValue) throws -> BlockID {
    let text = try #require(value.string)
    return try #require(BlockID(text))
  }

  private func blocks(_ value: JSONValue) throws -> Set<BlockID> {
    Set(try (value.array ?? []).map { try block($0) })
  }
}
