public import TSDBBlock

/// A whole run of the reference's compactor (`compact/long`, `compact/ha`), whose blocks can be
/// made again from those that were there at first.
public final class GoldenRun {
  public let blocks: [JSONValue]
  private let timeline: [JSONValue]
  private let bucket: String
  private let directory: String
  private let overlaps: OverlapPolicy
  private var made: [String: BlockReader] = [:]

  /// - Parameters:
  ///   - output: the run's `output.json`.
  ///   - input: its archive of blocks.
  ///   - directory: where to write.
  public init(
    output: String, input: String, overlaps: OverlapPolicy, directory: String
  ) throws {
    let run = try Golden.json(output)
    blocks = run["blocks"].array ?? []
    timeline = run["timeline"].array ?? []
    bucket = try Golden.unpacked(input) + "/bucket"
    self.directory = directory
    self.overlaps = overlaps
  }

  /// The block of a name, made by merging its parents or by downsampling what it came from.
  public func block(_ name: String) throws -> BlockReader {
    if let known = made[name] { return known }
    guard let entry = timeline.first(where: { $0["name"].string == name }) else {
      throw GoldenError(path: name, reason: "is not in the timeline")
    }
    let reader: BlockReader
    if entry["input"].bool == true {
      reader = try BlockReader(directory: "\(bucket)/\(name)")
    } else if entry["resolution"].int64 ?? 0 > 0 {
      reader = try downsample(entry, to: "\(directory)/\(name)")
    } else {
      let parents = try (entry["parents"].array ?? []).map {
        try block($0["block"].string ?? "")
      }
      reader = try merge(parents, entry, to: "\(directory)/\(name)")
    }
    made[name] = reader
    return reader
  }

  private func merge(
    _ parents: [BlockReader], _ entry: JSONValue, to directory: String
  ) throws -> BlockReader {
    let minTime = entry["minTime"].int64 ?? 0
    let maxTime = entry["maxTime"].int64 ?? 0
    let writer = try BlockWriter(directory: directory)
    let merge = BlockMerge(inputs: parents, range: minTime...maxTime - 1, overlaps: overlaps)
    let summary = try merge.run(into: writer)
    try writer.publish(
      BlockMeta(id: .zero, minTime: minTime, maxTime: maxTime, stats: writer.stats))
    let verification = try BlockVerification.read(directory: directory)
    guard let summary, verification?.fingerprint == summary.fingerprint else {
      throw GoldenError(path: directory, reason: "was written with other contents than merged")
    }
    return try BlockReader(directory: directory)
  }

  /// A downsampled block has sources and range of the finer one it was made from.
  private func downsample(_ entry: JSONValue, to directory: String) throws -> BlockReader {
    let resolution = entry["resolution"].int64 ?? 0
    let finer = timeline.filter {
      ($0["resolution"].int64 ?? 0) < resolution
        && $0["minTime"].int64 == entry["minTime"].int64
        && $0["maxTime"].int64 == entry["maxTime"].int64
        && $0["sources"].array?.count == entry["sources"].array?.count
    }.max { ($0["resolution"].int64 ?? 0) < ($1["resolution"].int64 ?? 0) }
    let source = try block(finer?["name"].string ?? "")
    let writer = try BlockWriter(directory: directory)
    _ = try BlockDownsample(input: source, resolution: resolution).run(into: writer)
    var thanos = ThanosMeta()
    thanos.resolution = resolution
    try writer.publish(
      BlockMeta(
        id: .zero, minTime: source.meta.minTime, maxTime: source.meta.maxTime,
        stats: writer.stats, thanos: thanos))
    return try BlockReader(directory: directory)
  }

  /// Series of downsampled histograms where the reference lost windows, by block.
  ///
  /// - Parameter lines: of `…-series.jsonl.gz`.
  public static func seriesWithLosses(_ lines: [JSONValue]) throws -> [String: Set<LabelSet>] {
    var losses: [String: Set<LabelSet>] = [:]
    for line in lines {
      let lost = (line["chunks"].array ?? []).contains { chunk in
        let aggregates = chunk["aggr"]
        guard aggregates["counter"]["enc"].string == "fhist" else { return false }
        let count = aggregates["count"]["n"].int ?? 0
        return (aggregates["sum"]["n"].int ?? 0) < count
          || (aggregates["counter"]["n"].int ?? 0) < count
      }
      if lost {
        losses[line["block"].string ?? "", default: []].insert(
          LabelSet(try goldenLabels(line["labels"])))
      }
    }
    return losses
  }
}
