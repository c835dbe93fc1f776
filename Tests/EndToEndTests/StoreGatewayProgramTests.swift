import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct StoreGatewayProgramTests {
  private let start = Int64(DemoBlocks.startSeconds) * 1000
  private let end = Int64(DemoBlocks.startSeconds + DemoBlocks.hours * 3600) * 1000

  private struct Info: Decodable {
    var component: String?
    var type: String?
    var labelSets: [[String: String]]
    var minTime: Int64
    var maxTime: Int64
  }

  private struct Reflection: Decodable {
    var services: [String]
    var files: Int
  }

  @Test func `Info, health and reflection describe the store`() async throws {
    try await withGateway { gateway, _ in
      let info: Info = try await gateway.client.run(["info"])
      #expect(info.component == "store")
      #expect(info.labelSets == [DemoBlocks.externalLabels])
      #expect(info.minTime == start)
      // The last sample is two minutes before the end, and a block's end is one behind it.
      #expect(info.maxTime == end - 120_000 + 1)
      let legacy: Info = try await gateway.client.run(["legacy-info"])
      #expect(legacy.type == "STORE")
      #expect(legacy.labelSets == [DemoBlocks.externalLabels])
      #expect(legacy.minTime == info.minTime)
      #expect(legacy.maxTime == info.maxTime)
      for service in ["", "thanos.Store"] {
        let status: String = try await gateway.client.run(["health", "--service=\(service)"])
        #expect(status == "SERVING")
      }
      let reflection: Reflection = try await gateway.client.run(["reflection"])
      #expect(Set(reflection.services).isSuperset(of: ["thanos.Store", "thanos.info.Info"]))
      #expect(reflection.files > 0)
      let healthy = try await httpRequest(port: gateway.httpPort, "/-/healthy")
      #expect(healthy.status == 200)
      let metrics = try await httpRequest(port: gateway.httpPort, "/metrics").body
      #expect(metrics.contains("thanos_build_info{"))
      #expect(metrics.contains(#"thanos_status{check="ready",component="store"} 1"#))
    }
  }

  @Test func `every sample that promtool reads is served, and no other`() async throws {
    try await withGateway { gateway, _ in
      let expected = try DemoBlocks.large.get().samples
      #expect(expected.count > 140_000)
      let answer = try await gateway.client.series(["__name__=~.+"])
      #expect(answer.warnings == [])
      let full = expected.filtered(adding: DemoBlocks.externalLabels) { _ in true }
      #expect(answer.samples == full)
    }
  }

  @Test func `series come sorted by their labels`() async throws {
    try await withGateway { gateway, _ in
      let answer = try await gateway.client.series(
        ["__name__=~demo_.*"], times: nil, "--skip-chunks")
      let keys = answer.series.map { series in
        series.labels.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
          .flatMap { [Array($0.key.utf8), Array($0.value.utf8)] }
      }
      #expect(keys.count == 406)
      for (left, right) in zip(keys, keys.dropFirst()) {
        #expect(left.lexicographicallyPrecedes(right) { $0.lexicographicallyPrecedes($1) })
      }
    }
  }

  typealias Predicate = @Sendable ([String: String]) -> Bool

  static let selections: [(matchers: [String], isWanted: Predicate)] = [
    (["pod=web-7"], { $0["pod"] == "web-7" }),
    (
      ["pod!=web-7", "__name__=demo_requests_total"],
      { $0["pod"] != "web-7" && $0["__name__"] == "demo_requests_total" }
    ),
    (["pod=~web-1[0-9]"], { $0["pod"]?.hasPrefix("web-1") == true && $0["pod"]?.count == 6 }),
    (["pod!~web-.+", "__name__=~.+"], { $0["pod"] == nil }),
    (["pod=", "__name__=demo_special"], { $0["__name__"] == "demo_special" }),
    (["pod!=", "zone=zürich"], { $0["zone"] == "zürich" }),
    (["kind=+Inf"], { $0["kind"] == "+Inf" }),
    (["cluster=demo", "kind=~NaN|0"], { $0["kind"] == "NaN" || $0["kind"] == "0" }),
    (["cluster!=demo", "__name__=~.+"], { _ in false }),
    (["nothing=here"], { _ in false }),
  ]

  @Test func `each kind of matcher selects the right series`() async throws {
    try await withGateway { gateway, _ in
      let all = try DemoBlocks.large.get().samples
      for (matchers, isWanted) in Self.selections {
        let answer = try await gateway.client.series(matchers)
        let expected = all.filtered(adding: DemoBlocks.externalLabels, isWanted)
        #expect(answer.samples == expected, "\(matchers)")
      }
    }
  }

  @Test func `a time range gives the chunks that touch it`() async throws {
    try await withGateway { gateway, _ in
      let all = try DemoBlocks.large.get().samples
        .filtered(adding: DemoBlocks.externalLabels) { $0["pod"] == "web-3" }
      for (from, to) in [
        (start, end), (start + 3_600_000, start + 3_600_000),
        (start + 7_100_000, start + 7_300_000),
        (end - 1, end + 1), (start - 10, start - 1), (end, end + 1000),
      ] {
        let answer = try await gateway.client.series(["pod=web-3"], times: from...to)
        for series in answer.series {
          #expect(series.chunks.allSatisfy { $0[0] <= to && $0[1] >= from }, "\(from)...\(to)")
        }
        func inside(_ samples: Samples) -> [[String: String]: [Samples.Sample]] {
          samples.series.mapValues { $0.filter { (from...to).contains($0.milliseconds) } }
            .filter { !$0.value.isEmpty }
        }
        #expect(inside(answer.samples) == inside(all), "\(from)...\(to)")
      }
    }
  }

  @Test func `label names and values follow matchers and times`() async throws {
    try await withGateway { gateway, _ in
      let client = gateway.client
      let names: [String] = try await client.run(["label-names"])
      #expect(names == ["__name__", "cluster", "code", "kind", "pod", "replica", "zone"])
      let some: [String] = try await client.run(["label-names", "--match=__name__=demo_special"])
      #expect(some == ["__name__", "cluster", "kind", "replica"])
      let pods: [String] = try await client.run(["label-values", "pod"])
      let expected = (0..<200).map { "web-\($0)" }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      #expect(pods == expected)
      let zones: [String] = try await client.run(["label-values", "zone", "--match=pod=web-3"])
      #expect(zones == ["zürich"])
      let clusters: [String] = try await client.run(["label-values", "cluster"])
      #expect(clusters == ["demo"])
      let none: [String] = try await client.run([
        "label-values", "pod", "--min-time=0", "--max-time=1000",
      ])
      #expect(none == [])
    }
  }

  @Test func `cancelled streams free what they held`() async throws {
    try await withGateway { gateway, _ in
      struct Cancelled: Decodable { var cancelled: Int }
      let arguments = ["cancel", "--streams=30", "--match=__name__=~.+"]
      _ = try await gateway.client.run(arguments, as: Cancelled.self)
      let before = try gateway.openDescriptors()
      for _ in 0..<3 {
        let result: Cancelled = try await gateway.client.run(arguments)
        #expect(result.cancelled == 30)
      }
      // Sockets of clients that left are closed a moment later.
      try await gateway.program.wait { ((try? gateway.openDescriptors()) ?? .max) <= before }
      let answer = try await gateway.client.series(["pod=web-1"])
      #expect(answer.series.count == 2)
    }
  }

  @Test func `64 parallel streams all get the right answer`() async throws {
    try await withGateway { gateway, _ in
      struct Outcome: Decodable {
        var answers: Int
        var different: Int
      }
      let outcome: Outcome = try await gateway.client.run([
        "parallel", "--streams=64", "--match=__name__=~.+",
      ])
      #expect(outcome.answers == 64)
      #expect(outcome.different == 1)
    }
  }

  @Test func `a client that pings often is not cut off`() async throws {
    try await withGateway { gateway, _ in
      struct Outcome: Decodable {
        var states: [String]
        var failures: [String]
      }
      let outcome: Outcome = try await gateway.client.run([
        "ping", "--interval=5", "--seconds=12",
      ])
      #expect(outcome.states == ["READY"])
      #expect(outcome.failures == [])
    }
  }

  @Test func `SIGTERM ends it with status 0, with a stream open too`() async throws {
    try await withGateway { gateway, _ in
      async let ping: ProcessResult = runInBackground(
        "/usr/bin/python3",
        [
          packageRoot + "/Scripts/storeapi_client.py", "--address",
          "127.0.0.1:\(gateway.client.port)", "ping", "--seconds=3",
        ])
      try await Task.sleep(for: .seconds(1))
      let begin = ContinuousClock.now
      #expect(await gateway.stop() == 0)
      #expect(begin.duration(to: .now) < .seconds(20))
      _ = try await ping
    }
  }

  @Test func `nothing is written where the blocks are, even as data directory`() async throws {
    try await withTemporaryDirectory { directory in
      try DemoBlocks.large.get().copy(to: directory)
      let before = try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
      let gateway = try await Gateway.start(directory, dataDirectory: directory)
      _ = try await gateway.client.series(["pod=web-1"])
      #expect(await gateway.stop() == 0)
      #expect(try FileManager.default.subpathsOfDirectory(atPath: directory).sorted() == before)
    }
  }
}
