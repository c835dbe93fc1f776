import Foundation
import TestSupport
import Testing

@testable import TSDBBlock

/// Blocks of five kinds, each damaged two hundred times at random.
@Suite struct SalvageDamageTests {
  enum Kind: Int, CaseIterable {
    case floats, segments, histograms, startTimes, downsampled
  }

  @Test(arguments: Kind.allCases)
  func `what is saved of a damaged block is clean and was there before`(kind: Kind) throws {
    try withMemoryDirectory { directory in
      var random = SeededRandom(seed: UInt64(kind.rawValue) + 7)
      let whole = "\(directory)/\(Self.oldID)"
      try makeBlock(kind, at: whole, &random)
      let original = try texts(of: whole)
      #expect(original.count > 5)
      var (complete, partial, empty) = (0, 0, 0)
      for number in 0..<200 {
        let damaged = "\(directory)/\(number)/\(Self.oldID)"
        try FileManager.default.createDirectory(
          atPath: "\(directory)/\(number)", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: whole, toPath: damaged)
        let what = try damage(damaged, &random)
        let before = try files(of: damaged)
        let new = "\(directory)/\(number)/new"
        let report = try #require(
          try BlockSalvage(directory: damaged).write(to: new, id: Self.newID))
        #expect(try files(of: damaged) == before, "\(number) \(what)")
        #expect(report.isBalanced, "\(number) \(what)")
        guard report.meta != nil else {
          empty += 1
          #expect(!FileSystem.exists(new))
          continue
        }
        let errors = BlockScan(directory: new).findings.filter { $0.severity == .error }
        #expect(errors.isEmpty, "\(number) \(what) \(errors)")
        let read = try #require(try BlockVerification.read(directory: new))
        #expect(read.fingerprint == report.fingerprint, "\(number) \(what)")
        let saved = try texts(of: new)
        let untrue = saved.filter { !$0.value.isSubset(of: original[$0.key] ?? []) }
        #expect(untrue.isEmpty, "\(number) \(what) \(untrue)")
        if saved == original { complete += 1 } else { partial += 1 }
        if report.isComplete, report.outsideSamples == 0 {
          #expect(saved == original, "\(number) \(what)")
        }
        try FileManager.default.removeItem(atPath: "\(directory)/\(number)")
      }
      #expect(complete > 20 && partial > 20, "\(complete) complete, \(partial) not, \(empty) empty")
    }
  }

  private static let oldID = BlockID("01HRHZ2KZ8H174NHP7YJ73AGKH") ?? .zero
  private static let newID = BlockID("01HRHZ2KZ8H174NHP7YJ73AGKJ") ?? .zero

  private func texts(of block: String) throws -> [LabelSet: Set<String>] {
    let reader = try BlockReader(directory: block)
    var series = try reader.series(includesDeleted: true)
    var columns = ChunkColumns()
    var texts: [LabelSet: Set<String>] = [:]
    while try series.next() {
      texts[series.labels] = Set(try SeriesLines(series, &columns).lines.map(\.line))
    }
    return texts
  }

  private func files(of block: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: block) {
      var isDirectory: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: "\(block)/\(path)", isDirectory: &isDirectory)
      if !isDirectory.boolValue { files[path] = try readFile("\(block)/\(path)") }
    }
    return files
  }

  // MARK: Damage

  private static let damages = [
    "flip", "flip", "flips", "cut", "zero", "swap", "zero page", "insert", "exchange",
  ]

  private func damage(_ block: String, _ random: inout SeededRandom) throws -> String {
    let names = try files(of: block).keys.sorted()
    var told: [String] = []
    for _ in 0..<Int.random(in: 1...2, using: &random) {
      let name = names.randomElement(using: &random) ?? "index"
      let path = "\(block)/\(name)"
      guard var bytes = try? readFile(path), !bytes.isEmpty else { continue }
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let rest = bytes.count - place
      let kind = Int.random(in: 0..<9, using: &random)
      told.append(
        "\(name) \(Self.damages[kind]) at \(place)"
      )
      switch kind {
      case 0, 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2:
        for _ in 0..<8 {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
            UInt8.random(in: 1...255, using: &random)
        }
      case 3: bytes.removeSubrange(place...)
      case 4:
        for index in place..<place + min(rest, Int.random(in: 1...200, using: &random)) {
          bytes[index] = 0
        }
      case 5:
        let other = Int.random(in: 0..<bytes.count, using: &random)
        for step in 0..<min(64, rest, bytes.count - other) {
          bytes.swapAt(place + step, other + step)
        }
      case 6:
        // What a file system leaves of a page that it lost.
        let start = place / 4096 * 4096
        for index in start..<min(start + 4096, bytes.count) { bytes[index] = 0 }
      case 7: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
      default:
        // Two files of chunks change places; a lone file is gone.
        let others = names.filter { $0.hasPrefix("chunks/") && $0 != name }
        guard name.hasPrefix("chunks/"), let other = others.randomElement(using: &random) else {
          try FileManager.default.removeItem(atPath: path)
          continue
        }
        let content = try readFile("\(block)/\(other)")
        try Data(bytes).write(to: URL(fileURLWithPath: "\(block)/\(other)"))
        bytes = content
      }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
    return told.joined(separator: ", ")
  }

  // MARK: Blocks

  private func makeBlock(_ kind: Kind, at path: String, _ random: inout SeededRandom) throws {
    let writer = try BlockWriter(
      directory: path, segmentByteCountLimit: kind == .segments ? 600 : 512 << 20)
    let sets = (0..<8).map { LabelSet(["__name__": "m\($0 / 3)", "job": "j\($0)"]) }
    let ordinals = try writer.addSymbols(of: sets)
    var deleted: [UInt32] = []
    for labels in sets {
      var runs: [ChunkColumns] = []
      for chunk in 0..<3 {
        let times = times(chunk, &random)
        let isHistogram = kind == .histograms || (kind == .startTimes && chunk == 1)
        runs.append(
          isHistogram ? ChunkColumns(histograms(times, &random)) : floats(times, kind, &random))
      }
      if kind == .downsampled {
        try addAggregates(runs, try #require(ordinals.references(to: labels)), writer)
      } else {
        try writer.addSeries(labels, ordinals, runs: runs, keepsStarts: kind == .startTimes)
      }
      deleted.append(writer.lastSeriesID)
    }
    var meta = BlockMeta(
      id: Self.oldID, minTime: 1_000_000, maxTime: 4_000_000, stats: writer.stats)
    if kind == .downsampled {
      var thanos = ThanosMeta()
      thanos.resolution = 300_000
      meta.thanos = thanos
    }
    var tombstones = Tombstones()
    tombstones.delete(1_000_000...1_100_000, ofSeries: deleted[1])
    try writer.publish(meta, tombstones: tombstones)
  }

  private func times(_ chunk: Int, _ random: inout SeededRandom) -> [Int64] {
    var time = Int64(1_000_000 + chunk * 1_000_000)
    return (0..<12).map { _ in
      time += Int64.random(in: 1...40_000, using: &random)
      return time
    }
  }

  private func floats(
    _ times: [Int64], _ kind: Kind, _ random: inout SeededRandom
  ) -> ChunkColumns {
    var columns = SampleColumns()
    for time in times {
      columns.append(
        timestamp: time, valueBits: Double.random(in: -9...9, using: &random).bitPattern,
        start: kind == .startTimes ? time - 500 : 0)
    }
    return ChunkColumns(columns)
  }

  private func histograms(_ times: [Int64], _ random: inout SeededRandom) -> HistogramColumns {
    var columns = HistogramColumns()
    columns.layout.schema = 2
    columns.layout.positiveSpans = [.init(offset: 1, length: 3)]
    var buckets: [UInt64] = [1, 2, 3]
    for time in times {
      for bucket in buckets.indices { buckets[bucket] += UInt64.random(in: 0...5, using: &random) }
      columns.append(
        timestamp: time, count: buckets.reduce(0, +), zeroCount: 0,
        sum: Double.random(in: 0...9, using: &random).bitPattern, buckets: buckets)
    }
    return columns
  }

  private func addAggregates(
    _ runs: [ChunkColumns], _ labels: [LabelReference], _ writer: BlockWriter
  ) throws {
    let payloads = runs.map { run in
      var builder = AggregateChunkBuilder()
      var encoder = ChunkEncoder()
      for kind in AggregateChunk.Kind.allCases {
        var payload: [UInt8] = []
        encoder.encode(run.floats, 0..<run.count, appendingTo: &payload)
        builder[kind] = (.xor, payload)
      }
      return builder.encoded()
    }
    writer.beginSeries(payloadByteCounts: payloads.map(\.count))
    for (run, payload) in zip(runs, payloads) {
      try writer.appendChunk(
        minTime: run.timestamps[0], maxTime: run.timestamps[run.count - 1],
        encoding: ChunkEncoding.aggregate.rawValue, payload: payload.rawSpan)
    }
    try writer.endSeries(labels: labels)
  }
}
