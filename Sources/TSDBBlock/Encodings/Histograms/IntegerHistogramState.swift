/// What the next sample of a chunk of integer histograms is relative to.
///
/// A bucket is stored as the change of its distance in time of its difference to the neighbour. All
/// of that is sums, so that the changes added up along a row are the second difference of the
/// absolute counts, and the two rows before are all the state there is:
///
///     row n [b] = 2 · row n−1 [b] − row n−2 [b] + change [0] + … + change [b]
struct IntegerHistogramState {
  private let positive: Int
  private let width: Int
  private var starts: StartTimestampReader?
  private var time: Int64 = 0
  private var timeDelta: Int64 = 0
  private var count: Int64 = 0
  private var countDelta: Int64 = 0
  private var zeroCount: Int64 = 0
  private var zeroDelta: Int64 = 0
  private var sum: UInt64 = 0
  private var window = XORWindow()
  /// Where the last two rows begin that had buckets; the same one as long as there is but one.
  private var last = 0
  private var before = 0

  init(positive: Int, width: Int, _ head: HistogramChunkHead) {
    self.positive = positive
    self.width = width
    starts = head.startHeader.map { StartTimestampReader(header: $0) }
  }

  /// Bits of the longest sample: time, two counts, sum, start and buckets.
  private var largestSample: Int { (width &+ 4) &* VariableBits.largestSize &+ 77 }

  /// Fills the columns, which have room for all samples; `filled` tells how many are whole.
  consuming func readSamples(
    _ bits: borrowing BitReader, _ timestamps: inout [Int64], _ starts: inout [Int64],
    _ counts: inout [UInt64], _ zeroCounts: inout [UInt64], _ sums: inout [UInt64],
    _ buckets: inout [UInt64], _ filled: inout Int
  ) throws(DecodeError) {
    var bits = copy bits
    var rows = HistogramRows(&timestamps, &starts, &counts, &zeroCounts, &sums, &buckets)
    // Local copies stay in registers.
    var state = self
    var row = 0
    defer { filled = row }
    try state.readFirst(&bits, &rows, &row)
    let largestSample = state.largestSample
    var inner = bits.inner()
    let shortValues = VariableBits.shortValues
    try state.readRest(&inner, &rows, &row, shortValues.span) { bits in bits.canRead(largestSample)
    }
    bits.advance(to: inner)
    try state.readRest(&bits, &rows, &row, shortValues.span) { _ in true }
  }

  private mutating func readFirst(
    _ bits: inout BitReader, _ rows: inout HistogramRows, _ row: inout Int
  ) throws(DecodeError) {
    time = bits.readVariableSigned()
    count = Int64(bitPattern: bits.readVariableUnsigned())
    zeroCount = Int64(bitPattern: bits.readVariableUnsigned())
    sum = bits.read(64)
    guard !bits.isPastEnd else { throw .truncated }
    if sum == SampleValue.staleMarker {
      for bucket in 0..<width { rows.buckets[bucket] = 0 }
    } else {
      var absolute: Int64 = 0
      for bucket in 0..<width {
        if bucket == positive { absolute = 0 }
        absolute &+= bits.readVariableSigned()
        rows.buckets[bucket] = UInt64(bitPattern: absolute)
      }
    }
    try starts?.readFirst(&bits, time: time)
    guard !bits.isPastEnd else { throw .truncated }
    store(&rows, row)
    row = 1
  }

  /// Reads samples from the second on while `proceed` says so, until the rows are full.
  @inline(__always)
  private mutating func readRest<Bits: BucketReading & ~Escapable>(
    _ bits: inout Bits, _ rows: inout HistogramRows, _ row: inout Int,
    _ shortValues: Span<Int16>, while proceed: (borrowing Bits) -> Bool
  ) throws(DecodeError) {
    while row < rows.timestamps.count, proceed(bits) {
      let previousTime = time
      let (timeChange, countChange, zeroChange) = bits.readVariableSigned3()
      timeDelta &+= timeChange
      time &+= timeDelta
      countDelta &+= countChange
      count &+= countDelta
      zeroDelta &+= zeroChange
      zeroCount &+= zeroDelta
      sum ^= try window.read(&bits)
      guard !bits.isPastEnd else { throw .truncated }
      let start = row &* width
      if sum == SampleValue.staleMarker {
        for bucket in 0..<width { rows.buckets[start &+ bucket] = 0 }
      } else {
        readSide(&bits, &rows, shortValues, 0..<positive, start: start)
        readSide(&bits, &rows, shortValues, positive..<width, start: start)
        before = last
        last = start
      }
      starts?.readNext(&bits, index: row, previousTime: previousTime)
      guard !bits.isPastEnd else { throw .truncated }
      store(&rows, row)
      row &+= 1
    }
  }

  /// Reads the positive or the negative buckets of a sample.
  @inline(__always)
  private func readSide(
    _ bits: inout some BucketReading & ~Escapable, _ rows: inout HistogramRows,
    _ shortValues: Span<Int16>, _ side: Range<Int>, start: Int
  ) {
    guard !side.isEmpty else { return }
    var place = BucketPlace(side, row: start, last: last, before: before)
    bits.readShortBuckets(&rows.buckets, &place, shortValues)
    if place.bucket < place.end { bits.readBuckets(&rows.buckets, place) }
  }

  /// Everything but the buckets.
  @inline(__always)
  private func store(_ rows: inout HistogramRows, _ row: Int) {
    let isStale = sum == SampleValue.staleMarker
    rows.timestamps[row] = time
    rows.counts[row] = isStale ? 0 : UInt64(bitPattern: count)
    rows.zeroCounts[row] = isStale ? 0 : UInt64(bitPattern: zeroCount)
    rows.sums[row] = sum
    if let starts { rows.starts[row] = starts.current }
  }
}
