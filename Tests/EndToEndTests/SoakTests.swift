import Foundation
import TestSupport
import Testing

/// A short run of what `Benchmarks/soak.py` does for a quarter of an hour.
struct SoakTests {
  @Test func `a compactor that waits beside a writer stays as large as it is`() async throws {
    let directory = try makeTemporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let result = try await runInBackground(
      "/usr/bin/python3",
      [
        packageRoot + "/Benchmarks/soak.py", try builtProgram("compact"),
        try builtProgram("blocktool"), directory + "/soak", "--seconds=12", "--interval=0.2",
        "--series=5",
      ])
    #expect(result.status == 0, "\(result.errorText)\(result.outputText)")
    #expect(result.outputText.contains("files"))
  }
}
