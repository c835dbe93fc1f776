internal import TSDBBlock

/// Held samples on disk, in the order in which blocks need them.
///
///     run       window …                                        by start
///     window    series …                                        by labels
///     series    length, labels │ length, samples                uvarints
///     labels    count │ length, name │ length, value │ …
///     samples   count │ times: first, then steps │ values       uvarints; 8 bytes each
struct SampleRun {
  struct Window {
    var start: Int64
    /// Where its series lie in the file.
    var bytes: Range<Int>
  }

  private(set) var windows: [Window] = []

  private struct Part {
    var window: Int64
    var series: Int
    var samples: Range<Int>
  }

  /// Writes sorted samples.
  init(_ held: HeldSamples, to file: SpillFile) throws(BlockError) {
    var record: [UInt8] = []
    var body: [UInt8] = []
    for part in Self.parts(of: held) {
      if windows.last?.start != part.window {
        windows.append(Window(start: part.window, bytes: file.count..<file.count))
      }
      let series = held.series[part.series]
      Self.encode(series.labels, to: &body)
      Self.move(&body, to: &record)
      Self.encode(series.samples, part.samples, to: &body)
      Self.move(&body, to: &record)
      try file.take(&record)
      windows[windows.count - 1].bytes = windows[windows.count - 1].bytes.lowerBound..<file.count
    }
  }

  /// The window that begins at a time, if there is one.
  func window(startingAt time: Int64) -> Window? {
    var (low, high) = (0, windows.count)
    while low < high {
      let middle = (low + high) / 2
      if windows[middle].start < time { low = middle + 1 } else { high = middle }
    }
    return low < windows.count && windows[low].start == time ? windows[low] : nil
  }

  private static func parts(of held: HeldSamples) -> [Part] {
    var parts: [Part] = []
    for (number, series) in held.series.enumerated() {
      let times = series.samples.timestamps
      var start = 0
      while start < times.count {
        let window = BlockWindow.start(of: times[start])
        let end = times[start...].firstIndex { BlockWindow.start(of: $0) != window } ?? times.count
        parts.append(Part(window: window, series: number, samples: start..<end))
        start = end
      }
    }
    parts.sort { ($0.window, $0.series) < ($1.window, $1.series) }
    return parts
  }

  private static func move(_ body: inout [UInt8], to record: inout [UInt8]) {
    record.append(uvarint: UInt64(body.count))
    record += body
    body.removeAll(keepingCapacity: true)
  }

  private static func encode(_ labels: LabelSet, to bytes: inout [UInt8]) {
    bytes.append(uvarint: UInt64(labels.count))
    for (name, value) in labels.pairs {
      bytes.append(uvarint: UInt64(name.count))
      bytes += name
      bytes.append(uvarint: UInt64(value.count))
      bytes += value
    }
  }

  private static func encode(
    _ samples: SampleColumns, _ range: Range<Int>, to bytes: inout [UInt8]
  ) {
    bytes.append(uvarint: UInt64(range.count))
    var last: Int64 = 0
    for time in samples.timestamps[range] {
      bytes.append(uvarint: UInt64(bitPattern: time &- last))
      last = time
    }
    for value in samples.values[range] {
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: value &>> UInt64(shift)))
      }
    }
  }
}
