/// The columns of a chunk while they are written, so that loops keep their places in registers.
struct HistogramRows: ~Copyable, ~Escapable {
  var timestamps: MutableSpan<Int64>
  /// Empty for encodings without start timestamps.
  var starts: MutableSpan<Int64>
  var counts: MutableSpan<UInt64>
  var zeroCounts: MutableSpan<UInt64>
  var sums: MutableSpan<UInt64>
  var buckets: MutableSpan<UInt64>

  @_lifetime(
    &timestamps, &starts, &counts, &zeroCounts, &sums, &buckets
  )
  init(
    _ timestamps: inout [Int64], _ starts: inout [Int64], _ counts: inout [UInt64],
    _ zeroCounts: inout [UInt64], _ sums: inout [UInt64], _ buckets: inout [UInt64]
  ) {
    self.timestamps = timestamps.mutableSpan
    self.starts = starts.mutableSpan
    self.counts = counts.mutableSpan
    self.zeroCounts = zeroCounts.mutableSpan
    self.sums = sums.mutableSpan
    self.buckets = buckets.mutableSpan
  }
}
