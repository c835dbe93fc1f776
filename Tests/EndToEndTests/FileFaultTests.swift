import Foundation
import TestSupport
import Testing

/// The compactor under power cuts: at a change of a file the machine goes off, and what was not
/// synced is lost in part. See `Tests/FileFaults/file_faults.c`.
///
/// `POWER_CUTS` sets how many are tried, 20 unless given; `POWER_CUT_SEED` names a single one.
@Suite(.serialized) struct FileFaultTests {
  /// Which blocks are compacted.
  enum Work: CaseIterable {
    /// Six of two hours.
    case merging
    /// Two days and four hours in 26 blocks: hundreds of changes.
    case mergingAndDownsampling

    var blocks: Result<DemoBlocks, any Error> {
      switch self {
      case .merging: DemoBlocks.small
      case .mergingAndDownsampling: DemoBlocks.long
      }
    }

    /// Of what is left in the end.
    var levels: [Int] {
      switch self {
      case .merging: [1, 1, 2]
      case .mergingAndDownsampling: [1, 1, 3]
      }
    }

    /// Runs take five times as long.
    var share: UInt64 { self == .merging ? 1 : 3 }
  }

  private static func seeds(_ work: Work) -> Range<UInt64> {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["POWER_CUT_SEED"].flatMap({ UInt64($0) }) { return seed..<seed + 1 }
    return 0..<(environment["POWER_CUTS"].flatMap { UInt64($0) } ?? 20 / work.share)
  }

  @Test(arguments: Work.allCases)
  func `a power cut at any change of a file loses and doubles nothing`(work: Work) async throws {
    let scratch = try makeTemporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let library = scratch + "/file_faults.so"
    _ = try runProcess(
      "cc",
      [
        "-shared", "-fPIC", "-O1", "-o", library,
        packageRoot + "/Tests/FileFaults/file_faults.c", "-ldl", "-lpthread",
      ]
    ).requireSuccess()
    let whole = try PoweredCompactor(scratch + "/whole", work, library: library)
    // What the first run marks, it or the second one deletes.
    let first = try await whole.run()
    let second = try await whole.run()
    #expect(first + second > 50)
    for seed in Self.seeds(work) {
      var random = SeededRandom(seed: seed)
      let compactor = try PoweredCompactor("\(scratch)/\(seed)", work, library: library)
      let change = Int.random(in: 0..<first + second, using: &random)
      if change >= first { _ = try await compactor.run() }
      try await compactor.run(endingAt: change < first ? change : change - first, seed: seed)
      for _ in 0..<2 { _ = try await compactor.run() }
      try compactor.expectEverySampleOnce("seed \(seed), change \(change)")
      try FileManager.default.removeItem(atPath: "\(scratch)/\(seed)")
    }
  }
}

/// A bucket with blocks, and a program that compacts it on a machine without reliable power.
private struct PoweredCompactor {
  private let directory: String
  private let library: String
  private let work: FileFaultTests.Work
  private let samples: Samples

  private var bucket: String { directory + "/disk/bucket" }

  init(_ directory: String, _ work: FileFaultTests.Work, library: String) throws {
    self.directory = directory
    self.library = library
    self.work = work
    let blocks = try work.blocks.get()
    samples = blocks.samples
    for name in ["disk", "shadow"] {
      try FileManager.default.createDirectory(
        atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
    }
    try blocks.copy(to: bucket)
  }

  /// Runs to the end; returns how many changes it made.
  func run() async throws -> Int {
    let count = directory + "/count"
    let program = try start(["FAULT_COUNT": count])
    let status = await program.waitForExit()
    guard status == 0 else { throw ProcessError(status: status, message: program.errors) }
    let text = FileManager.default.contents(atPath: count).map {
      String(decoding: $0, as: UTF8.self)
    }
    return Int(text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "") ?? 0
  }

  /// Runs until the power goes off.
  func run(endingAt change: Int, seed: UInt64) async throws {
    let program = try start(["FAULT_AT": "\(change)", "FAULT_SEED": "\(seed)"])
    let status = await program.waitForExit()
    // Runs differ a little in what they do: one may be over before.
    guard status == 137 || status == 0 else {
      throw ProcessError(status: status, message: program.errors)
    }
  }

  private func start(_ environment: [String: String]) throws -> RunningProgram {
    try RunningProgram(
      "compact",
      [
        "--data-dir=\(directory)/disk/work", "--consistency-delay=0s", "--delete-delay=0s",
        "--objstore.config={type: FILESYSTEM, config: {directory: \(bucket)}}",
        "--http-address=127.0.0.1:0",
      ],
      environment: environment.merging([
        "LD_PRELOAD": library, "FAULT_ROOT": directory + "/disk/",
        "FAULT_SHADOW": directory + "/shadow",
      ]) { $1 })
  }

  func expectEverySampleOnce(_ comment: Comment) throws {
    #expect(try Samples(promtoolDump: bucket) == samples, comment)
    let metas = try liveBlocks(in: bucket).map { try BlockMeta(block: $0, in: bucket) }
    let raw = metas.filter { $0.resolution == 0 }
    #expect(raw.reduce(0) { $0 + $1.stats.numSamples } == samples.count, comment)
    #expect(raw.map(\.compaction.level).sorted() == work.levels, comment)
    let coarse = metas.filter { $0.resolution > 0 }
    #expect(
      coarse.map(\.resolution) == (work == .merging ? [] : [300_000]), comment)
    // Beside them may lie what was being uploaded; two days later it is removed.
    let paths = try liveBlocks(in: bucket).map { "\(bucket)/\($0)" }
    _ = try runProcess(try builtProgram("blocktool"), ["verify"] + paths).requireSuccess()
    let work = try? FileManager.default.contentsOfDirectory(atPath: directory + "/disk/work")
    #expect(work ?? [] == [], comment)
  }
}
