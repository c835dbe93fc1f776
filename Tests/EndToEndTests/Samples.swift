import Foundation
import TestSupport

/// Samples by series, in a form in which two sources can be compared: values as bits, every NaN
/// the same.
struct Samples: Equatable {
  struct Sample: Hashable {
    var milliseconds: Int64
    var bits: UInt64

    init(_ milliseconds: Int64, _ value: Double) {
      self.milliseconds = milliseconds
      bits = value.isNaN ? Double.nan.bitPattern : value.bitPattern
    }
  }

  var series: [[String: String]: [Sample]] = [:]

  var count: Int { series.values.reduce(0) { $0 + $1.count } }

  init() {}

  /// All samples of the raw blocks in a directory, as promtool reads them.
  init(promtoolDump directory: String) throws {
    // promtool wants a write-ahead log and writes beside the blocks: it works on a copy.
    let copy = try makeTemporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: copy) }
    try FileManager.default.createDirectory(
      atPath: copy + "/wal", withIntermediateDirectories: false)
    for block in try liveBlocks(in: directory)
    where try BlockMeta(block: block, in: directory).resolution == 0 {
      try FileManager.default.copyItem(
        atPath: "\(directory)/\(block)", toPath: "\(copy)/\(block)")
    }
    let dump = try runProcess("promtool", ["tsdb", "dump", copy]).requireSuccess()
    var labels: [Substring: [String: String]] = [:]
    for line in dump.outputText.split(separator: "\n") {
      guard let end = line.lastIndex(of: "}") else { continue }
      let columns = line[line.index(after: end)...].split(separator: " ")
      guard columns.count == 2, let value = number(columns[0]), let time = Int64(columns[1]) else {
        throw ProcessError(status: 0, message: "unexpected line of promtool: \(line)")
      }
      let text = line[...end]
      let key = labels[text] ?? parse(labels: text)
      labels[text] = key
      series[key, default: []].append(Sample(time, value))
    }
    sort()
  }

  /// The series for which `isWanted` holds, with the labels `external` added.
  func filtered(
    adding external: [String: String] = [:], _ isWanted: ([String: String]) -> Bool
  ) -> Samples {
    var result = Samples()
    for (labels, samples) in series {
      let full = labels.merging(external) { _, new in new }
      if isWanted(full) { result.series[full] = samples }
    }
    return result
  }

  mutating func sort() {
    for key in series.keys { series[key]?.sort { $0.milliseconds < $1.milliseconds } }
  }
}

/// Blocks that are complete and not marked for deletion.
func liveBlocks(in directory: String) throws -> [String] {
  let files = FileManager.default
  return try files.contentsOfDirectory(atPath: directory).sorted().filter { name in
    files.fileExists(atPath: "\(directory)/\(name)/meta.json")
      && !files.fileExists(atPath: "\(directory)/\(name)/deletion-mark.json")
  }
}

/// What a block says about itself.
struct BlockMeta: Decodable {
  struct Statistics: Decodable {
    var numSamples: Int
  }

  struct Compaction: Decodable {
    var level: Int
  }

  struct Thanos: Decodable {
    struct Downsample: Decodable {
      var resolution: Int64
    }

    var downsample: Downsample
  }

  var minTime: Int64
  var maxTime: Int64
  var stats: Statistics
  var compaction: Compaction
  var thanos: Thanos?

  /// Milliseconds; 0 for raw samples.
  var resolution: Int64 { thanos?.downsample.resolution ?? 0 }

  init(block: String, in directory: String) throws {
    let path = "\(directory)/\(block)/meta.json"
    self = try JSONDecoder().decode(
      BlockMeta.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }
}

/// A value as Go and Python write it.
func number(_ text: some StringProtocol) -> Double? {
  switch text {
  case "NaN", "nan": .nan
  case "+Inf", "inf": .infinity
  case "-Inf", "-inf": -.infinity
  default: Double(text)
  }
}

/// `{a="b", c="d"}`, where no value needs an escape.
private func parse(labels text: Substring) -> [String: String] {
  var labels: [String: String] = [:]
  for pair in text.dropFirst().dropLast().components(separatedBy: ", ") {
    let parts = pair.split(separator: "=", maxSplits: 1)
    labels[String(parts[0])] = String(parts[1].dropFirst().dropLast())
  }
  return labels
}
