internal import Foundation
internal import TSDBBlock
internal import TestSupport
internal import Testing

/// `blocktool bucket web`, the program.
@Suite struct `Bucket web` {
  @Test func `the page shows the blocks chosen until the program is told to stop`() async throws {
    try await withTemporaryDirectory { directory in
      let fixture = BucketFixture(directory: directory)
      let shown = try fixture.add(0)
      let hidden = try fixture.add(1, labels: ["cluster": "b"])
      let port = try freePort()
      let program = try RunningProgram(
        "blocktool",
        [
          "bucket", "web", "--objstore.config", fixture.configuration, "--http-address",
          "127.0.0.1:\(port)", "--log.level=error", "--label", "cluster",
          "--selector.relabel-config", "[{action: keep, source_labels: [cluster], regex: a}]",
        ])
      try await program.wait { (try? await httpRequest(port: port, "/-/ready"))?.status == 200 }
      let page = try await httpRequest(port: port, "/")
      #expect(page.status == 200)
      #expect(page.body.contains("\(shown)"))
      #expect(!page.body.contains("\(hidden)"))
      let blocks = try JSONValue(
        parsing: Array(try await httpRequest(port: port, "/api/v1/blocks").body.utf8))
      #expect(blocks["data"]["blocks"].array?.count == 1)
      #expect(blocks["data"]["label"].string == "cluster")
      // Nobody may mark blocks unless that is allowed.
      let mark = try await httpRequest(
        port: port, "/api/v1/blocks/mark?id=\(shown)&action=DELETION&detail=x", method: "POST")
      #expect(mark.status != 200)
      #expect(!fixture.exists("\(shown)/deletion-mark.json"))
      program.send(signal: SIGTERM)
      #expect(await program.waitForExit() == 0)
    }
  }
}
