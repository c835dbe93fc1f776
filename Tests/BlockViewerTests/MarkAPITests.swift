import BlockCatalog
import Logging
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import BlockViewer
@testable import ServerRuntime

struct MarkAPITests {
  private let bucket = MemoryBucket()
  private let id = BlockID.make(now: 5)

  private func post(
    _ form: String, isEnabled: Bool = true, to bucket: (any Bucket)? = nil
  ) async -> AdminResponse {
    let api = MarkAPI(
      bucket: bucket ?? self.bucket, isEnabled: isEnabled,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { 7_000_500 })
    return await api.route.respond(
      AdminRequest(path: "/api/v1/blocks/mark", body: Array(form.utf8)))
  }

  private func addBlock() async throws {
    try await bucket.write(
      BlockMeta(id: id, minTime: 0, maxTime: 1).jsonBytes(), to: ObjectName("\(id)/meta.json"))
  }

  @Test(arguments: [
    ("DELETION", "deletion-mark.json", "deletion_time"),
    ("NO_COMPACTION", "no-compact-mark.json", "no_compact_time"),
    ("NO_DOWNSAMPLE", "no-downsample-mark.json", "no_downsample_time"),
  ])
  func `a mark lies beside the block, with the time and what was said`(
    action: String, file: String, timeKey: String
  ) async throws {
    try await addBlock()
    let answer = await post("id=\(id)&action=\(action)&detail=by+hand")
    #expect(answer.status == 204)
    #expect(answer.body == [])
    let mark = try JSONValue(parsing: await bucket.read(ObjectName("\(id)/\(file)")))
    #expect(mark["id"].string == "\(id)")
    #expect(mark["version"].int == 1)
    #expect(mark["details"].string == "by hand")
    #expect(mark[timeKey].int == 7000)
    #expect(mark["reason"].string == (action == "DELETION" ? nil : "manual"))
  }

  @Test func `a block that has the mark keeps it as it is`() async throws {
    try await addBlock()
    #expect(await post("id=\(id)&action=DELETION&detail=first").status == 204)
    #expect(await post("id=\(id)&action=DELETION&detail=second").status == 204)
    let mark = try JSONValue(
      parsing: await bucket.read(ObjectName("\(id)/deletion-mark.json")))
    #expect(mark["details"].string == "first")
  }

  @Test(arguments: [
    ("", "ID cannot be empty"), ("id=x&action=DELETION", "is no ULID"),
    ("id=ID", "Action cannot be empty"), ("id=ID&action=deletion", "not supported marker"),
    ("id=ID&action=DELETION", "there is no block"),
  ])
  func `what cannot be done is bad data, and writes nothing`(
    form: String, message: String
  ) async throws {
    let answer = await post(form.replacing("ID", with: "\(id)", maxReplacements: 1))
    let json = try JSONValue(parsing: answer.body)
    #expect(answer.status == 400)
    #expect(json["status"].string == "error")
    #expect(json["errorType"].string == "bad_data")
    #expect(json["error"].string?.contains(message) == true, "\(json)")
    #expect(try await bucket.list(nil, recursive: true) == [])
  }

  @Test func `a detail that is too long is refused`() async throws {
    try await addBlock()
    let detail = String(repeating: "x", count: 1025)
    #expect(await post("id=\(id)&action=DELETION&detail=\(detail)").status == 400)
  }

  @Test func `nothing is marked unless that is allowed`() async throws {
    try await addBlock()
    let answer = await post("id=\(id)&action=DELETION", isEnabled: false)
    #expect(answer.status == 400)
    let json = try JSONValue(parsing: answer.body)
    #expect(json["error"].string?.hasPrefix("Admin operations are disabled") == true)
    #expect(try await bucket.list(nil, recursive: true).count == 1)
  }
}
