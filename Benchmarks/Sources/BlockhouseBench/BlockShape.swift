internal import Glibc
internal import TSDBBlock

/// A dataset of many series, the same in every run: 500 metrics, 6 labels, a sample each 15 s unless said otherwise,
/// 2-hour blocks with chunks of 120 samples. Of ten series four are counters, three small gauges,
/// two constant, one random.
struct BlockShape {
  var seriesCount: Int
  private static let metricCount = 500
  /// Milliseconds between samples.
  var step: Int64 = 15_000
  static let blockMilliseconds: Int64 = 7_200_000
  private static let start: Int64 = 1_699_920_000_000

  var samplesPerBlock: Int { seriesCount * Int(Self.blockMilliseconds / step) }

  /// Writes block `number` into `parent` unless it is there, and returns its directory.
  ///
  /// - Parameters:
  ///   - lateness: milliseconds by which the samples of a replica come later.
  ///   - missingEach: if not 0, of so many scrapes one is missing.
  func write(
    block number: Int, in parent: String, lateness: Int64 = 0, missingEach: UInt64 = 0
  ) throws -> String {
    let start = Self.start + Int64(number) * Self.blockMilliseconds
    var random = SplitMix(state: UInt64(number) + 1)
    let id = BlockID.make(now: start + lateness, randomness: &random)
    let directory = parent + "/\(id)"
    if access(directory + "/meta.json", F_OK) == 0 { return directory }
    let writer = try BlockWriter(directory: directory)
    let series = labelled()
    let ordinals = try writer.addSymbols(of: series)
    var samples = SampleColumns()
    for (index, labels) in series.enumerated() {
      fill(&samples, index, from: start + lateness, missingEach, &random)
      try writer.addSeries(labels, ordinals, samples)
    }
    var meta = BlockMeta(
      id: id, minTime: start, maxTime: start + lateness + Self.blockMilliseconds)
    meta.stats = writer.stats
    meta.compaction.sources = [id]
    meta.thanos = ThanosMeta()
    meta.thanos?.source = "sidecar"
    meta.thanos?.labels = [
      ThanosMeta.Label(name: Array("region".utf8), value: Array("bench".utf8))
    ]
    try writer.publish(meta)
    return directory
  }

  /// Labels in the order of an index.
  private func labelled() -> [LabelSet] {
    let instances = (seriesCount + Self.metricCount - 1) / Self.metricCount
    let names = (0..<Self.metricCount).map { "metric_\(10_000 + $0)_total" }
    return (0..<seriesCount).map { index in
      let instance = 10_000 + index % instances
      return LabelSet([
        "__name__": names[index / instances], "env": "prod",
        "instance": "10.0.\(instance / 100).\(instance):9100", "job": "job-\(instance % 20)",
        "pod": "pod-\(instance)-x7f\(instance)", "zone": "zone-\(instance % 3)",
      ])
    }
  }

  private func fill(
    _ samples: inout SampleColumns, _ index: Int, from start: Int64, _ missingEach: UInt64,
    _ random: inout SplitMix
  ) {
    samples.removeAll()
    var value = Double(random.next() % 1000)
    let offset = Int64(random.next() % 15_000)
    for sample in 0..<Self.blockMilliseconds / step {
      switch index % 10 {
      case 0..<4: value += Double(random.next() % 10)
      case 4..<7: value = Double(random.next() % 100)
      case 7..<9: break
      default: value = Double(random.next() >> 11) / Double(1 << 53)
      }
      // The replicas have the same values, and miss them at other places of each series.
      let place = UInt64(sample) &+ UInt64(index) &* 7 &+ UInt64(bitPattern: start)
      if missingEach > 0, place % missingEach == 0 { continue }
      samples.append(
        timestamp: start + offset + sample * step, valueBits: value.bitPattern)
    }
  }
}
