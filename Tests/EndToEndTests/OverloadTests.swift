import Foundation
import TSDBBlock
import TestSupport
import Testing

/// More clients than memory, and messages larger than most.
@Suite(.serialized) struct OverloadTests {
  private struct Outcome: Decodable {
    /// Calls by the name of their status.
    var codes: [String: Int]
    /// Of the longest answer.
    var bytes: Int
    /// Bytes of the largest message.
    var largest: Int
  }

  private static let mebibyte = 1 << 20
  /// What the program holds beside the budget, in a debug build: itself, threads, what connections
  /// have in flight.
  private static let base = 32 * mebibyte

  /// Four blocks of the same series, one after the other.
  private static func writeBlocks(in directory: String) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let padding = String(repeating: "x", count: 1000)
    for block in 0..<4 {
      let start = Int64(block) * 7_200_000
      let series = (0..<4000).map { number in
        TestSeries(
          LabelSet(["__name__": "m", "n": "\(number)", "padding": padding]),
          (0..<10).map { (time: start + Int64($0) * 60_000, value: Double(number)) })
      }
      let id = TSDBBlock.BlockID.make(now: Int64(block + 1))
      try makeBlock(at: "\(directory)/\(id)", id: id, series) { meta in
        var thanos = ThanosMeta()
        thanos.labels = [.init(name: Array("replica".utf8), value: Array("a".utf8))]
        meta.thanos = thanos
      }
    }
  }

  @Test func `fifty clients that want everything stay within the memory budget`() async throws {
    try await withTemporaryDirectory { directory in
      try Self.writeBlocks(in: directory + "/bucket")
      let gateway = try await Gateway.start(
        directory + "/bucket",
        flags: ["--store.memory-budget=64MiB", "--store.grpc.series-max-concurrency=0"])
      let arguments = ["load", "--match=__name__=m", "--streams=50", "--pause=1"]
      let peak = try PeakMemory(of: gateway.program)
      let outcome: Outcome = try await gateway.client.run(arguments)
      let most = await peak.stop()
      #expect(Set(outcome.codes.keys).isSubset(of: ["OK", "RESOURCE_EXHAUSTED"]))
      #expect(outcome.codes.values.reduce(0, +) == 50)
      #expect(outcome.codes["OK", default: 0] > 0)
      #expect(outcome.bytes > 4 * Self.mebibyte)
      #expect(most <= 2 * 64 * Self.mebibyte + Self.base)
      // It is as good as new.
      let after: Outcome = try await gateway.client.run(["load", "--match=n=7", "--streams=1"])
      #expect(after.codes == ["OK": 1])
      _ = await gateway.stop()
    }
  }

  @Test func `a series larger than any frame comes as one message`() async throws {
    try await withTemporaryDirectory { directory in
      let id = TSDBBlock.BlockID.make(now: 1)
      var random = SeededRandom(seed: 1)
      // Random values do not compress: eight bytes for each.
      let samples = (0..<700_000).map { time in
        (time: Int64(time), value: Double(bitPattern: random.next() & 0x7FE_FFFF_FFFF_FFFF))
      }
      let bucket = directory + "/bucket"
      try FileManager.default.createDirectory(atPath: bucket, withIntermediateDirectories: true)
      try makeBlock(
        at: "\(bucket)/\(id)", id: id, [TestSeries(LabelSet(["__name__": "m"]), samples)],
        samplesPerChunk: 60_000)
      let gateway = try await Gateway.start(bucket)
      let outcome: Outcome = try await gateway.client.run([
        "load", "--match=__name__=m", "--streams=1",
      ])
      #expect(outcome.codes == ["OK": 1])
      #expect(outcome.largest > 4 * Self.mebibyte)
      #expect(outcome.largest == outcome.bytes)
      _ = await gateway.stop()
    }
  }
}

/// The most private memory a program held at the moments that were looked at.
final class PeakMemory: Sendable {
  private let watch: Task<Int, Never>

  init(of program: RunningProgram) throws {
    let path = "/proc/\(program.processIdentifier)/status"
    watch = Task {
      var most = 0
      while !Task.isCancelled {
        most = max(most, (try? Self.privateBytes(path)) ?? 0)
        try? await Task.sleep(for: .milliseconds(10))
      }
      return most
    }
  }

  /// Ends the watch. In bytes.
  func stop() async -> Int {
    watch.cancel()
    return await watch.value
  }

  private static func privateBytes(_ path: String) throws -> Int {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return (line?.split(separator: " ").dropFirst().first).flatMap { Int($0) }.map { $0 * 1024 }
      ?? 0
  }
}
