/// Makes of the chunks found of one series those that are written.
///
///     ├──────┤   ├──────┤               a chunk that overlaps none goes through as it is
///         ├──────┤                      a run of overlapping ones: the same bytes once, else all
///                ├──────┤               samples in the order of time, each time once
///     ·····│ range of the block │·····  what lies outside is cut off
struct SalvagedSeries {
  /// What became of the samples.
  struct Outcome {
    var chunks: [MergeChunk] = []
    var duplicates = 0
    var conflicts = 0
    var outside = 0
    /// Downsampled chunks that overlap others and cannot be merged.
    var overlapping: [MergeChunk] = []
    /// Chunks that were written anew.
    var rewritten = 0
  }

  /// Times to keep: chunks that begin in it and end at its end, at the latest, are not cut. Nil for
  /// everything.
  var range: Range<Int64>?
  private var samples = OverlapSamples()
  private var cutter = SampleCutter()
  private var transcoder = ChunkTranscoder()

  /// - Parameter chunks: of one series, in any order.
  mutating func settle(_ chunks: [SalvagedChunk]) -> Outcome {
    var outcome = Outcome()
    var kept: [SalvagedChunk] = []
    for chunk in chunks {
      guard let chunk = trim(chunk, &outcome) else { continue }
      kept.append(chunk)
    }
    kept.sort {
      ($0.merge.minTime, $0.merge.maxTime, $0.merge.location)
        < ($1.merge.minTime, $1.merge.maxTime, $1.merge.location)
    }
    var start = 0
    while start < kept.count {
      var end = start + 1
      var last = kept[start].merge.maxTime
      while end < kept.count, kept[end].merge.minTime <= last {
        last = max(last, kept[end].merge.maxTime)
        end += 1
      }
      settle(run: kept[start..<end], &outcome)
      start = end
    }
    return outcome
  }

  // MARK: Range

  private mutating func trim(_ chunk: SalvagedChunk, _ outcome: inout Outcome) -> SalvagedChunk? {
    let merge = chunk.merge
    guard let range, !range.holds(merge.minTime, merge.maxTime) else { return chunk }
    guard merge.minTime < range.upperBound, merge.maxTime >= range.lowerBound,
      merge.encoding != .aggregate
    else {
      outcome.outside += merge.sampleCount
      return nil
    }
    var outside: [ClosedRange<Int64>] = [range.upperBound...Int64.max]
    if range.lowerBound > .min { outside.append(Int64.min...range.lowerBound - 1) }
    let cut = merge.withPayload { payload in
      try? transcoder.removing(outside, from: payload, encoding: merge.encoding)
    }
    guard let cut, let first = cut.timestamps.min(), let last = cut.timestamps.max() else {
      outcome.outside += merge.sampleCount
      return nil
    }
    outcome.outside += merge.sampleCount - cut.timestamps.count
    var left = chunk
    left.isRewritten = true
    left.merge = MergeChunk(
      input: 0, location: merge.location, minTime: first, maxTime: last, encoding: merge.encoding,
      payload: cut.payload, sampleCount: cut.timestamps.count)
    return left
  }

  // MARK: Runs

  private mutating func settle(run: ArraySlice<SalvagedChunk>, _ outcome: inout Outcome) {
    var distinct: [SalvagedChunk] = []
    for chunk in run {
      if distinct.contains(where: { chunk.merge.isDuplicate(of: $0.merge) }) {
        outcome.duplicates += chunk.merge.sampleCount
      } else {
        distinct.append(chunk)
      }
    }
    if let chunk = distinct.first, distinct.count == 1, !chunk.isDisordered {
      outcome.chunks.append(chunk.merge)
      if chunk.isRewritten { outcome.rewritten += 1 }
    } else if distinct.contains(where: { $0.merge.encoding == .aggregate }) {
      separate(distinct, &outcome)
    } else {
      merge(distinct.map(\.merge), &outcome)
    }
  }

  /// Keeps of chunks that cannot be merged those that do not overlap.
  private func separate(_ chunks: [SalvagedChunk], _ outcome: inout Outcome) {
    var end: Int64?
    for chunk in chunks {
      if let end, chunk.merge.minTime <= end {
        outcome.overlapping.append(chunk.merge)
      } else {
        outcome.chunks.append(chunk.merge)
        end = chunk.merge.maxTime
      }
    }
  }

  private mutating func merge(_ chunks: [MergeChunk], _ outcome: inout Outcome) {
    // They were decoded before, so this does not fail.
    guard (try? samples.decode(chunks)) != nil else {
      outcome.overlapping += chunks
      return
    }
    let times = samples.timestamps
    let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    var picks: [Int] = []
    for place in order {
      guard let last = picks.last, times[last] == times[place] else {
        picks.append(place)
        continue
      }
      if samples.isEqual(last, place) { outcome.duplicates += 1 } else { outcome.conflicts += 1 }
    }
    let merged = cutter.cut(picks, of: samples, origin: chunks[0])
    outcome.rewritten += merged.count
    outcome.chunks += merged
  }
}

extension Range<Int64> {
  /// Whether a chunk with these times needs no cut. Prometheus 2.0 wrote the time of the last sample
  /// as the end, so a sample there is not outside.
  func holds(_ minTime: Int64, _ maxTime: Int64) -> Bool {
    minTime >= lowerBound && minTime < upperBound && maxTime <= upperBound
  }
}

extension OverlapSamples {
  /// Whether the samples at two places are the same but for their times.
  fileprivate func isEqual(_ left: Int, _ right: Int) -> Bool {
    if isFloats { return floats.isEqual(left, floats, right) }
    guard let l = bounds.firstIndex(where: { $0.contains(left) }),
      let r = bounds.firstIndex(where: { $0.contains(right) }), chunks[l].kind == chunks[r].kind
    else { return false }
    let (i, j) = (left - bounds[l].lowerBound, right - bounds[r].lowerBound)
    guard chunks[l].kind != .floats else { return chunks[l].floats.isEqual(i, chunks[r].floats, j) }
    return chunks[l].histograms.isEqual(i, chunks[r].histograms, j)
  }
}

extension SampleColumns {
  fileprivate func isEqual(_ index: Int, _ other: SampleColumns, _ place: Int) -> Bool {
    values[index] == other.values[place]
      && (starts.isEmpty ? 0 : starts[index]) == (other.starts.isEmpty ? 0 : other.starts[place])
  }
}

extension HistogramColumns {
  fileprivate func isEqual(_ index: Int, _ other: HistogramColumns, _ place: Int) -> Bool {
    let (left, right) = (buckets(at: index), other.buckets(at: place))
    return layout == other.layout && counts[index] == other.counts[place]
      && zeroCounts[index] == other.zeroCounts[place] && sums[index] == other.sums[place]
      && left.positive == right.positive && left.negative == right.negative
      && (starts.isEmpty ? 0 : starts[index]) == (other.starts.isEmpty ? 0 : other.starts[place])
  }
}
