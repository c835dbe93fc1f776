import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

struct PartialUploadsGoldenTests {
  @Test func `uploads are given up when the reference gives them up`() throws {
    let now: Int64 = 1_800_000_000_000
    var decided = 0
    for test in try Golden.jsonLines("compact/partial.jsonl") {
      for block in test["blocks"].array ?? []
      where block["partial"].bool == true && block["inDeletionMarkMap"].bool != true {
        let age = try #require(block["ulidAgeMs"].int64)
        let modified = (block["objects"].array ?? []).map { object in
          object["ageMs"].int64.map { now - $0 } ?? 0
        }
        let isAbandoned = PartialUploads.isAbandoned(
          BlockID.make(now: now - age), modified: modified, now: now)
        #expect(isAbandoned == (block["deleted"].bool == true), "\(test["id"].string ?? "")")
        decided += 1
      }
    }
    #expect(decided > 0)
  }
}
