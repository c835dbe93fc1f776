internal import TestSupport
internal import Testing

@testable internal import TSDBBlock

/// Random float series against the slow, obvious form of downsampling.
@Suite struct DownsampleTests {
  @Test(arguments: 0..<40)
  func `five minutes of raw samples become one of each aggregate`(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let raw = Self.series(&random)
    let chunks = try Self.downsample(raw)
    let twin = NaiveDownsampler(resolution: 300_000)
    #expect(try chunks.map(Self.windows) == twin.chunks(of: raw))
  }

  @Test(arguments: 0..<40)
  func `an hour of aggregates says what an hour of raw samples would`(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(500 + seed))
    let raw = Self.series(&random).filter { !$0.value.isNaN }
    var downsampler = SeriesDownsampler(from: 300_000, to: 3_600_000)
    for chunk in try Self.downsample(raw) {
      try downsampler.append(
        chunk.payload.rawSpan, 0..<chunk.payload.count, encoding: .aggregate,
        minTime: chunk.minTime, maxTime: chunk.maxTime)
    }
    let windows = try downsampler.finish().flatMap(Self.windows)
    // A batch ends within an hour; what belongs together is put together here.
    var hours: [Int64: (count: Double, minimum: Double, maximum: Double)] = [:]
    for window in windows {
      let hour = hours[window.time / 3_600_000] ?? (0, .infinity, -.infinity)
      hours[window.time / 3_600_000] = (
        hour.count + window.count, min(hour.minimum, window.minimum),
        max(hour.maximum, window.maximum)
      )
    }
    var expected: [Int64: [Double]] = [:]
    for sample in raw { expected[sample.time / 3_600_000, default: []].append(sample.value) }
    #expect(hours.keys.sorted() == expected.keys.sorted())
    for (hour, values) in expected {
      #expect(hours[hour]?.count == Double(values.count))
      #expect(hours[hour]?.minimum == values.min())
      #expect(hours[hour]?.maximum == values.max())
    }
    // The counter rises as the raw one does, resets left out.
    var total = 0.0
    for (previous, sample) in zip(raw, raw.dropFirst()) {
      total += sample.value < previous.value ? sample.value : sample.value - previous.value
    }
    let rise = (windows.last?.counter ?? 0) - (raw.first?.value ?? 0)
    if try Self.downsample(raw).count == 1 { #expect(rise == total) }
  }

  @Test func `a series of nothing but stale markers becomes nothing`() throws {
    let stale = Double(bitPattern: SampleValue.staleMarker)
    let raw = (0..<50).map { NaiveDownsampler.Sample(time: $0 * 60_000, value: stale) }
    #expect(try Self.downsample(raw).isEmpty)
  }

  /// A counter that begins anew now and then, with gaps, NaNs and stale markers; whole numbers, so
  /// that sums do not depend on the order.
  private static func series(_ random: inout SeededRandom) -> [NaiveDownsampler.Sample] {
    let count = Int.random(in: 1...900, using: &random)
    let step = Int64.random(in: 5_000...90_000, using: &random)
    var time = Int64.random(in: 0...10_000_000, using: &random)
    var value = 0.0
    return (0..<count).map { _ in
      time += Int64.random(in: 1...step, using: &random)
      if Int.random(in: 0..<60, using: &random) == 0 { time += 4_000_000 }
      if Int.random(in: 0..<40, using: &random) == 0 { value = 0 }
      value += Double(Int.random(in: 0...50, using: &random))
      let special: [Double] = [.nan, Double(bitPattern: SampleValue.staleMarker)]
      let isSpecial = Int.random(in: 0..<20, using: &random) == 0
      return NaiveDownsampler.Sample(
        time: time, value: isSpecial ? special.randomElement(using: &random) ?? .nan : value)
    }
  }

  private static func downsample(_ raw: [NaiveDownsampler.Sample]) throws -> [DownsampledChunk] {
    var downsampler = SeriesDownsampler(from: 0, to: 300_000)
    for start in stride(from: 0, to: raw.count, by: 120) {
      var encoder = XOREncoder()
      let chunk = raw[start..<min(start + 120, raw.count)]
      for sample in chunk {
        encoder.append(timestamp: sample.time, valueBits: sample.value.bitPattern)
      }
      let bytes = encoder.finish()
      try downsampler.append(
        bytes.rawSpan, 0..<bytes.count, encoding: .xor, minTime: raw[start].time,
        maxTime: chunk.last?.time ?? 0)
    }
    return try downsampler.finish()
  }

  /// The windows of a chunk; the counter without its first sample and its repeated last one.
  private static func windows(of chunk: DownsampledChunk) throws -> [NaiveDownsampler.Window] {
    let parts = try AggregateDownsampler.Parts(chunk.payload.rawSpan, 0...0)
    func values(_ kind: AggregateChunk.Kind) -> [Double] {
      (parts.columns[kind]?.floats.values ?? []).map { Double(bitPattern: $0) }
    }
    let counters = values(.counter).dropFirst().dropLast()
    let times = parts.columns[.count]?.timestamps ?? []
    #expect(counters.count == times.count)
    return times.indices.map { index in
      NaiveDownsampler.Window(
        time: times[index], count: values(.count)[index], sum: values(.sum)[index],
        minimum: values(.min)[index], maximum: values(.max)[index],
        counter: counters[counters.startIndex + index])
    }
  }
}

/// Downsampling as its description reads, a window at a time.
private struct NaiveDownsampler {
  struct Sample {
    var time: Int64
    var value: Double
  }

  struct Window: Equatable {
    var time: Int64
    var count: Double
    var sum: Double
    var minimum: Double
    var maximum: Double
    var counter: Double

  }

  let resolution: Int64

  func chunks(of raw: [Sample]) -> [[Window]] {
    let samples = raw.filter { $0.value.bitPattern != SampleValue.staleMarker }
    guard let first = samples.first, let last = samples.last else { return [] }
    let length = Double(last.time - first.time)
    let fullness = length == 0 ? 1 : min(1, Double(samples.count) / (length / 60_000))
    let windows = Int(Double((last.time - first.time) / resolution) * fullness) + 1
    var chunkCount = 1
    while windows / chunkCount > 140 { chunkCount += 1 }
    var batches: [[Sample]] = []
    for sample in samples {
      if let batch = batches.last, let previous = batch.last,
        batch.count < samples.count / chunkCount + 1
          || sample.time / resolution == previous.time / resolution
      {
        batches[batches.count - 1].append(sample)
      } else {
        batches.append([sample])
      }
    }
    return batches.map { self.windows(of: $0.filter { !$0.value.isNaN }) }.filter { !$0.isEmpty }
  }

  private func windows(of batch: [Sample]) -> [Window] {
    var output: [Window] = []
    var counter = 0.0
    var previous: Double?
    for key in Set(batch.map { $0.time / resolution }).sorted() {
      let window = batch.filter { $0.time / resolution == key }.map(\.value)
      for value in window {
        counter += previous.map { value < $0 ? value : value - $0 } ?? value
        previous = value
      }
      let end = min((key + 1) * resolution - 1, batch.last?.time ?? 0)
      output.append(
        Window(
          time: end, count: Double(window.count), sum: window.reduce(0, +),
          minimum: window.min() ?? 0, maximum: window.max() ?? 0, counter: counter))
    }
    return output
  }
}
