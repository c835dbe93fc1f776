import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct CompactProgramTests {
  private func arguments(_ bucket: String, httpPort: Int = 0) -> [String] {
    [
      "compact", "--data-dir=\(bucket)-work", "--consistency-delay=0s", "--delete-delay=0s",
      "--objstore.config={type: FILESYSTEM, config: {directory: \(bucket)}}",
      "--http-address=127.0.0.1:\(httpPort)",
    ]
  }

  /// Runs until nothing is left to do: what one run marks, the next one deletes.
  private func compactFully(_ bucket: String) async throws {
    for _ in 0..<2 {
      let program = try RunningProgram("compact", arguments(bucket))
      let status = await program.waitForExit()
      try #require(status == 0, "\(program.errors)")
    }
  }

  /// Every sample once: promtool, which merges what overlaps, sees all of them, and the blocks
  /// together count no more.
  private func expectEverySampleOnce(
    _ bucket: String, _ expected: Samples, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try Samples(promtoolDump: bucket) == expected, sourceLocation: sourceLocation)
    let metas = try liveBlocks(in: bucket).map { try BlockMeta(block: $0, in: bucket) }
      .sorted { $0.minTime < $1.minTime }
    #expect(
      metas.reduce(0) { $0 + $1.stats.numSamples } == expected.count,
      sourceLocation: sourceLocation)
    for (left, right) in zip(metas, metas.dropFirst()) {
      #expect(left.maxTime <= right.minTime, sourceLocation: sourceLocation)
    }
  }

  @Test func `four blocks of two hours become one of eight, sample by sample`() async throws {
    try await withTemporaryDirectory { directory in
      let blocks = try DemoBlocks.large.get()
      let bucket = directory + "/bucket"
      try blocks.copy(to: bucket)
      try await compactFully(bucket)
      try expectEverySampleOnce(bucket, blocks.samples)
      let levels = try liveBlocks(in: bucket)
        .map { try BlockMeta(block: $0, in: bucket).compaction.level }
      #expect(levels.sorted() == [1, 1, 2])
      _ = try runProcess("promtool", ["tsdb", "analyze", bucket]).requireSuccess()
    }
  }

  @Test func `a kill at any moment loses and doubles nothing`() async throws {
    var random = SeededRandom(seed: 20_260_102)
    let blocks = try DemoBlocks.small.get()
    // How long a run takes here and now; kills are spread over that.
    var length = Duration.zero
    try await withTemporaryDirectory { directory in
      try blocks.copy(to: directory + "/bucket")
      let begin = ContinuousClock.now
      try await compactFully(directory + "/bucket")
      length = begin.duration(to: .now) / 2
    }
    for _ in 0..<20 {
      try await withTemporaryDirectory { directory in
        let bucket = directory + "/bucket"
        try blocks.copy(to: bucket)
        let program = try RunningProgram("compact", arguments(bucket))
        try await Task.sleep(for: length * Double.random(in: 0...1.1, using: &random))
        program.send(signal: SIGKILL)
        _ = await program.waitForExit()
        try await compactFully(bucket)
        try expectEverySampleOnce(bucket, blocks.samples)
      }
    }
  }

  @Test func `Prometheus answers from compacted blocks as before`() async throws {
    try await withTemporaryDirectory { directory in
      let blocks = try DemoBlocks.large.get()
      try blocks.copy(to: directory + "/before")
      try blocks.copy(to: directory + "/after")
      try await compactFully(directory + "/after")
      let before = try await Prometheus.answers(directory + "/before")
      let after = try await Prometheus.answers(directory + "/after")
      #expect(before.count == Prometheus.queries.count)
      #expect(before.allSatisfy { $0.contains("\"values\"") || $0.contains("\"value\"") })
      #expect(before == after)
    }
  }

  /// Two replicas with floats and native histograms, merged by the program, against what the
  /// reference made of them.
  @Test(arguments: ["", "penalty"])
  func `Prometheus finds in merged replicas what it would find in the reference's blocks`(
    function: String
  ) async throws {
    try await withTemporaryDirectory { directory in
      let name = function.isEmpty ? "chain" : function
      let bucket = directory + "/bucket"
      _ = try runProcess(
        "cp", ["-r", try Golden.unpacked("compact/ha/input.tar.gz") + "/bucket", bucket]
      ).requireSuccess()
      let program = try RunningProgram(
        "compact",
        arguments(bucket) + [
          "--deduplication.replica-label=replica", "--deduplication.func=\(function)",
          "--downsampling.disable", "--delete-delay=48h",
        ])
      let status = await program.waitForExit()
      try #require(status == 0, "\(program.errors)")

      let output = try Golden.json("compact/ha/\(name)-output.json")
      let raw = (output["blocks"].array ?? []).filter { $0["resolution"].int64 == 0 }
      let expected = try AnsweredSamples(
        golden: "compact/ha/\(name)-output-series.jsonl.gz",
        blocks: Set(raw.compactMap { $0["name"].string }))
      let data = directory + "/data"
      try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: false)
      for block in try liveBlocks(in: bucket) {
        try FileManager.default.copyItem(atPath: "\(bucket)/\(block)", toPath: "\(data)/\(block)")
      }
      let start = try #require(raw.compactMap { $0["minTime"].int64 }.min()) / 1000
      let end = try #require(raw.compactMap { $0["maxTime"].int64 }.max()) / 1000
      let histograms = expected.hasHistograms
      let names = histograms.compactMap { $0["__name__"] }
      let found = try await Prometheus.samples(data, from: start, to: end, histograms: names)
      #expect(histograms.count >= 3)
      #expect(found.floats.series.count == expected.series.count)
      for labels in expected.series.keys where !histograms.contains(labels) {
        #expect(
          found.floats.series[labels] == expected.withoutStale(labels), "\(labels)")
      }
      let times = stride(from: start, through: end, by: 600).map { $0 * 1000 }
      for labels in histograms {
        let answers = try #require(found.histograms[labels["__name__"] ?? ""])
        let wanted = expected.histograms(of: labels, at: times)
        #expect(wanted.count > 50)
        #expect(answers.counts == wanted.mapValues(\.count), "\(labels)")
        #expect(answers.sums == wanted.mapValues(\.sum), "\(labels)")
      }
    }
  }

  @Test func `while it waits it serves probes, and SIGTERM ends it with status 0`() async throws {
    try await withTemporaryDirectory { directory in
      let bucket = directory + "/bucket"
      try DemoBlocks.small.get().copy(to: bucket)
      let port = try freePort()
      let program = try RunningProgram(
        "compact",
        arguments(bucket, httpPort: port) + ["--wait", "--wait-interval=1s"])
      try await program.wait {
        (try? await httpRequest(port: port, "/-/ready").status) == 200
      }
      try await program.wait { (try? liveBlocks(in: bucket).count) == 3 }
      let metrics = try await httpRequest(port: port, "/metrics").body
      #expect(metrics.contains(#"thanos_status{check="ready",component="compact"} 1"#))
      for line in [
        "prometheus_tsdb_compactions_total 1", "prometheus_tsdb_vertical_compactions_total 0",
        "prometheus_tsdb_compaction_populating_block 0",
        "prometheus_tsdb_compaction_duration_seconds_count 1",
        "prometheus_tsdb_compaction_chunk_samples_count 0",
        "thanos_bucket_uiblocks_meta_syncs_total 0",
      ] {
        #expect(metrics.contains("\n\(line)\n"))
      }
      program.send(signal: SIGTERM)
      #expect(await program.waitForExit() == 0)
    }
  }
}
