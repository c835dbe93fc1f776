import BlockCatalog
import CommandSupport
import Foundation
import Logging
import ObjectStore
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

/// Every first sync of `store/sync.jsonl`: flags and changes to the bucket on one side, what is
/// loaded, counted and announced on the other.
@Suite struct SyncGoldenTests {
  /// Flags of one case.
  private struct Flags {
    var configuration = StoreGatewayService.Configuration()
    var minTime: TimeOrDuration?
    var maxTime: TimeOrDuration?

    init(_ test: JSONValue, now: Int64) throws {
      for flag in (test["flags"].array ?? []).compactMap(\.string) {
        let parts = flag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = String(try #require(parts.last))
        switch parts.first {
        case "--block-discovery-strategy":
          configuration.discovery = try #require(BlockDiscovery(rawValue: value))
        case "--min-time": minTime = TimeOrDuration(value)
        case "--max-time": maxTime = TimeOrDuration(value)
        case "--consistency-delay":
          configuration.consistencyDelay = try #require(PrometheusDuration(value)).duration
        case "--ignore-deletion-marks-delay":
          configuration.deletionDelay = try #require(PrometheusDuration(value)).duration
        case "--selector.relabel-config":
          let selector = try RelabelConfiguration.parse(yaml: value).selector
          configuration.selector = { selector }
        default: Issue.record("unknown flag \(flag)")
        }
      }
      if let cut = test["consistency_delay_cutoff_ms"].int64 {
        configuration.consistencyDelay = .milliseconds((now - cut) / 1000 * 1000)
      }
      let (minTime, maxTime) = (minTime, maxTime)
      configuration.window = ServedWindow {
        let first = minTime?.milliseconds(now: now) ?? .min
        return first...max(first, maxTime?.milliseconds(now: now) ?? .max)
      }
    }

    /// What the program refuses at start.
    var isRefused: Bool {
      guard let minTime, let maxTime else { return false }
      return minTime.milliseconds() > maxTime.milliseconds()
    }
  }

  @Test func `every first sync does what that of the reference does`() async throws {
    let now = WallClock.milliseconds()
    let bucket = try Golden.unpacked("store/bucket.tar.gz")
    let cases = try Golden.jsonLines("store/sync.jsonl")
    let normal = try #require(cases.first { ($0["flags"].array ?? []).isEmpty })
    for test in cases {
      let name = "\(test["id"].string ?? ""): \(test["note"].string ?? "")"
      let flags: Flags
      do {
        flags = try Flags(test, now: now)
      } catch is ConfigurationError {
        #expect(test["error"].string?.hasPrefix("start: ") == true, "\(name)")
        continue
      }
      if test["error"].string?.hasPrefix("start: ") == true {
        #expect(flags.isRefused, "\(name)")
        continue
      }
      if (test["patches"].array ?? []).isEmpty {
        try await check(
          against: test, flags, bucket, name, normalLabelSets: normal["label_sets"], now: now)
        continue
      }
      try await withTemporaryDirectory { directory in
        let copy = directory + "/bucket"
        // Names of the same files: a patch replaces a name and touches no file.
        _ = try runProcess("cp", ["-al", bucket, copy]).requireSuccess()
        for patch in test["patches"].array ?? [] { try apply(patch, to: copy, now: now) }
        // Where the reference gives up because of one mark or one stray file, we go on.
        let error = test["error"].string ?? ""
        let isStrayed =
          !test["reference_bug"].isNull || error.contains("deletion-mark file version")
        try await check(
          against: isStrayed ? normal : test, flags, copy, name,
          normalLabelSets: normal["label_sets"], now: now)
      }
    }
  }

  private func check(
    against expected: JSONValue, _ flags: Flags, _ directory: String, _ name: String,
    normalLabelSets: JSONValue, now: Int64
  ) async throws {
    let bucket = try FilesystemBucket(directory: directory)
    let registry = MetricRegistry()
    let published = PublishedBlocks()
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let fetcher = CatalogFetcher(
      bucket: bucket, rules: flags.configuration.rules, discovery: flags.configuration.discovery,
      metrics: CatalogMetrics(registry, showsCompactionMarks: false), logger: logger,
      now: { now })
    let sync = BlockSync(
      bucket: bucket, fetcher: fetcher, publishing: published, metrics: SyncMetrics(registry),
      executor: .shared, logger: logger)
    let gap = try await sync.run()
    let snapshot = published.current
    let loaded = snapshot.sets.flatMap { $0.blocks.map { "\($0.id)" } }
    #expect(loaded.sorted() == GoldenRequest.strings(expected["loaded"]), "\(name)")
    let text = registry.exposition(.text)
    for (state, count) in expected["synced"].object ?? [:] {
      let line = "thanos_blocks_meta_synced{state=\"\(state)\"} \(count.int ?? -1)\n"
      #expect(text.contains(line), "\(name): \(line)")
    }
    let failures = expected["sync_failures"].int ?? -1
    #expect(text.contains("thanos_blocks_meta_sync_failures_total \(failures)\n"), "\(name)")
    #expect((gap != nil) == (failures > 0), "\(name)")
    let gauge = expected["blocks_loaded_gauge"].int ?? -1
    #expect(loaded.count == gauge, "\(name)")
    let summary = StoreSummary(snapshot, window: flags.configuration.window.current)
    #expect(summary.minTime == expected["min_time"].int64, "\(name)")
    #expect(summary.maxTime == expected["max_time"].int64, "\(name)")
    // After an incomplete view the reference announces nothing, so that no querier asks for what
    // was loaded.
    let sets = summary.labelSets.map { set in
      set.flatMap {
        [String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)]
      }
    }
    let isAnnounced = gap == nil || loaded.isEmpty
    let source = isAnnounced ? expected["label_sets"] : normalLabelSets
    #expect(sets == (source.array ?? []).map(GoldenRequest.strings), "\(name)")
  }

  private func apply(_ patch: JSONValue, to bucket: String, now: Int64) throws {
    let files = FileManager.default
    func replace(_ path: String, _ bytes: [UInt8]) throws {
      try? files.removeItem(atPath: path)
      let parent = URL(filePath: path).deletingLastPathComponent()
      try files.createDirectory(at: parent, withIntermediateDirectories: true)
      try writeFile(bytes, to: path)
    }
    let path = bucket + "/" + (patch["path"].string ?? "")
    switch patch["op"].string {
    case "write": try replace(path, Array((patch["text"].string ?? "").utf8))
    case "delete", "delete_dir": try files.removeItem(atPath: path)
    case "delete_all":
      for name in try files.contentsOfDirectory(atPath: bucket) {
        try files.removeItem(atPath: bucket + "/" + name)
      }
    case "deletion_mark":
      let id = try #require(BlockID(patch["block"].string ?? ""))
      let age = try #require(patch["age_seconds"].int64)
      try replace(
        "\(bucket)/\(id)/\(DeletionMark.fileName)",
        DeletionMark(id: id, time: now / 1000 - age).jsonBytes())
    default: Issue.record("unknown patch \(patch)")
    }
  }
}
