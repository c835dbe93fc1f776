internal import Glibc
internal import TSDBBlock

/// Writing the index of many series: eight labels that series share and one of its own each, in
/// random order. `BENCH_SERIES` sets how many. Prints the peak memory of the process.
func indexWriteBenchmarks() throws -> [Measurement] {
  let count = unsafe getenv("BENCH_SERIES").flatMap { unsafe Int(String(cString: $0)) } ?? 1_000_000
  let directory = "/tmp/blockhouse-bench-index-\(getpid())"
  defer { removeTree(directory) }
  let clock = ContinuousClock()
  let (begin, cpuBegin) = (clock.now, processorTime())
  try WideIndex(seriesCount: UInt32(count)).write(to: directory)
  let (duration, cpuDuration) = (clock.now - begin, processorTime() - cpuBegin)
  print("peak memory of the process: \(peakMemory())")
  return [
    Measurement(
      name: "write an index of \(count) series", unit: "series", unitsPerRound: count,
      rounds: [duration], cpuRounds: [cpuDuration])
  ]
}

/// The largest resident size so far, mapped pages of files included.
private func peakMemory() -> String {
  var usage = rusage()
  guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else {
    return "unknown"
  }
  return "\(usage.ru_maxrss / 1024) MiB"
}

private func removeTree(_ path: String) {
  _ = unsafe system("rm -rf '\(path)'")
}

/// Symbols of fixed width, so that ordinals are sums: the empty one, then the values of each label
/// behind a letter of its own, then the names.
private struct WideIndex {
  private static let names = [
    "__name__", "cluster", "env", "instance", "job", "pod", "region", "uid", "zone",
  ]
  let seriesCount: UInt32
  private let perMetric: UInt32
  private let valueCounts: [UInt32]

  init(seriesCount: UInt32) {
    self.seriesCount = seriesCount
    perMetric = max(seriesCount / 500, 1)
    valueCounts = [
      (seriesCount + perMetric - 1) / perMetric, 3, 1, perMetric, 20, perMetric, 5, seriesCount, 3,
    ]
  }

  func write(to directory: String) throws {
    let writer = try BlockWriter(directory: directory)
    try addSymbols(to: writer)
    var bases: [UInt32] = []
    var base: UInt32 = 1
    for count in valueCounts {
      bases.append(base)
      base += count
    }
    var encoder = XOREncoder()
    encoder.append(timestamp: 0, valueBits: 0)
    let payload = encoder.finish()
    var labels = (0..<9).map { LabelReference(name: base + UInt32($0), value: 0) }
    for series in 0..<seriesCount {
      let place = series % perMetric
      let values: InlineArray<9, UInt32> = [
        series / perMetric, place * 3 / perMetric, 0, place, place % 20,
        permuted(place, perMetric), place % 5, permuted(series, seriesCount), place % 3,
      ]
      for index in 0..<9 { labels[index].value = bases[index] + values[index] }
      writer.beginSeries(payloadByteCounts: [payload.count])
      try writer.appendChunk(
        minTime: 0, maxTime: 0, encoding: 1, payload: payload.span.bytes, checksum: nil)
      try writer.endSeries(labels: labels)
    }
    var random = SplitMix(state: 1)
    let id = BlockID.make(now: 0, randomness: &random)
    var meta = BlockMeta(id: id, minTime: 0, maxTime: 1)
    meta.stats = writer.stats
    try writer.publish(meta)
  }

  private func addSymbols(to writer: BlockWriter) throws {
    try writer.addSymbol([UInt8]())
    for (label, count) in valueCounts.enumerated() {
      for value in 0..<count {
        var text = [UInt8](repeating: UInt8(ascii: "0"), count: 12)
        text[0] = UInt8(ascii: "A") + UInt8(label)
        var rest = value
        for digit in stride(from: 11, to: 0, by: -1) where rest > 0 {
          text[digit] += UInt8(rest % 10)
          rest /= 10
        }
        try writer.addSymbol(text)
      }
    }
    for name in Self.names { try writer.addSymbol(Array(name.utf8)) }
  }

  /// Another number below `count`, each once as `number` goes through all of them.
  private func permuted(_ number: UInt32, _ count: UInt32) -> UInt32 {
    // 2^31 - 1 is prime and larger than any count here.
    UInt32(UInt64(number) * 2_147_483_647 % UInt64(count))
  }
}
