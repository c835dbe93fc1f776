/// What the next sample of a chunk of float histograms is relative to: the values of the sample
/// before, of which the buckets lie in its row, and a window for each.
struct FloatHistogramState {
  private let width: Int
  private var starts: StartTimestampReader?
  private var time: Int64 = 0
  private var timeDelta: Int64 = 0
  private var count: UInt64 = 0
  private var countWindow = XORWindow()
  private var zeroCount: UInt64 = 0
  private var zeroWindow = XORWindow()
  private var sum: UInt64 = 0
  private var sumWindow = XORWindow()
  /// Where the last row begins that had buckets.
  private var last = 0

  init(width: Int, _ head: HistogramChunkHead) {
    self.width = width
    starts = head.startHeader.map { StartTimestampReader(header: $0) }
  }

  /// Bits of the longest sample: time and start, three values and the buckets.
  private var largestSample: Int { 2 &* VariableBits.largestSize &+ (width &+ 3) &* 77 }

  /// Fills the columns, which have room for all samples; `filled` tells how many are whole.
  consuming func readSamples(
    _ bits: borrowing BitReader, _ timestamps: inout [Int64], _ starts: inout [Int64],
    _ counts: inout [UInt64], _ zeroCounts: inout [UInt64], _ sums: inout [UInt64],
    _ buckets: inout [UInt64], _ windows: inout [XORWindow], _ filled: inout Int
  ) throws(DecodeError) {
    var bits = copy bits
    var rows = HistogramRows(&timestamps, &starts, &counts, &zeroCounts, &sums, &buckets)
    var windowSpan = windows.mutableSpan
    // Local copies stay in registers.
    var state = self
    var row = 0
    defer { filled = row }
    try state.readFirst(&bits, &rows, &row)
    let largestSample = state.largestSample
    var inner = bits.inner()
    try state.readRest(&inner, &rows, &windowSpan, &row) { bits in bits.canRead(largestSample) }
    bits.advance(to: inner)
    try state.readRest(&bits, &rows, &windowSpan, &row) { _ in true }
  }

  private mutating func readFirst(
    _ bits: inout BitReader, _ rows: inout HistogramRows, _ row: inout Int
  ) throws(DecodeError) {
    time = bits.readVariableSigned()
    count = bits.read(64)
    zeroCount = bits.read(64)
    sum = bits.read(64)
    guard !bits.isPastEnd else { throw .truncated }
    let isStale = sum == SampleValue.staleMarker
    for bucket in 0..<width { rows.buckets[bucket] = isStale ? 0 : bits.read(64) }
    try starts?.readFirst(&bits, time: time)
    guard !bits.isPastEnd else { throw .truncated }
    store(&rows, row)
    row = 1
  }

  /// Reads samples from the second on while `proceed` says so, until the rows are full.
  @inline(__always)
  private mutating func readRest<Bits: BitReading & ~Escapable>(
    _ bits: inout Bits, _ rows: inout HistogramRows, _ windows: inout MutableSpan<XORWindow>,
    _ row: inout Int, while proceed: (borrowing Bits) -> Bool
  ) throws(DecodeError) {
    while row < rows.timestamps.count, proceed(bits) {
      let previousTime = time
      timeDelta &+= bits.readVariableSigned()
      time &+= timeDelta
      count ^= try countWindow.read(&bits)
      zeroCount ^= try zeroWindow.read(&bits)
      sum ^= try sumWindow.read(&bits)
      guard !bits.isPastEnd else { throw .truncated }
      let start = row &* width
      if sum == SampleValue.staleMarker {
        for bucket in 0..<width { rows.buckets[start &+ bucket] = 0 }
      } else {
        for bucket in 0..<width {
          rows.buckets[start &+ bucket] =
            rows.buckets[last &+ bucket] ^ (try windows[bucket].read(&bits))
        }
        last = start
      }
      starts?.readNext(&bits, index: row, previousTime: previousTime)
      guard !bits.isPastEnd else { throw .truncated }
      store(&rows, row)
      row &+= 1
    }
  }

  /// Everything but the buckets.
  @inline(__always)
  private func store(_ rows: inout HistogramRows, _ row: Int) {
    let isStale = sum == SampleValue.staleMarker
    rows.timestamps[row] = time
    rows.counts[row] = isStale ? 0 : count
    rows.zeroCounts[row] = isStale ? 0 : zeroCount
    rows.sums[row] = sum
    if let starts { rows.starts[row] = starts.current }
  }
}
