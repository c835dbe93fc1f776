/// Rewrites chunks for readers that know encodings 1 to 3 only, such as Thanos 0.43 and Prometheus
/// before 3.11.
///
///     4 XOR2 ──► 1 XOR          5, 6 histograms with start times ──► 2, 3
///
/// Start times are lost; times, values, layouts and the counter reset header stay.
public struct ChunkTranscoder: Sendable {
  private var columns = ChunkColumns()
  private var encoder = ChunkEncoder()

  /// A transcoder that has no memory yet.
  public init() {}

  /// Appends the same samples in ``ChunkEncoding/withoutStartTimestamps``, which is returned; the
  /// bytes of other encodings are copied.
  ///
  /// - Throws: ``DecodeError`` when the chunk is damaged; nothing has been appended then.
  /// - Complexity: one decoding and one encoding; nothing is allocated once the columns have grown.
  public mutating func appendPlain(
    _ bytes: RawSpan, _ payload: Range<Int>, encoding: ChunkEncoding, to output: inout [UInt8]
  ) throws(DecodeError) -> ChunkEncoding {
    let plain = encoding.withoutStartTimestamps
    guard plain != encoding else {
      guard payload.lowerBound >= 0, payload.upperBound <= bytes.byteCount else {
        throw .truncated
      }
      // SAFETY: reads the bytes of the span only.
      unsafe bytes.extracting(payload).withUnsafeBytes { unsafe output.append(contentsOf: $0) }
      return encoding
    }
    try columns.decode(bytes, payload, encoding: encoding)
    encoder.encode(columns, 0..<columns.count, encoding: plain, appendingTo: &output)
    return plain
  }

  /// The samples of a chunk without those within closed ranges of time, as a chunk of the same
  /// encoding; nil when none is left.
  ///
  /// As Prometheus does it: start times stay, and a histogram chunk no longer says whether it
  /// begins with a reset, unless it holds gauges.
  ///
  /// - Throws: ``DecodeError``: `unsupported` for aggregates, where no sample can go without what
  ///   the others say of it.
  public mutating func removing(
    _ deletions: [ClosedRange<Int64>], from payload: RawSpan, encoding: ChunkEncoding
  ) throws(DecodeError) -> (payload: [UInt8], timestamps: [Int64])? {
    try columns.decode(payload, 0..<payload.byteCount, encoding: encoding)
    columns.remove(deletions)
    guard columns.count > 0 else { return nil }
    if columns.histograms.resetHeader != .gauge { columns.histograms.resetHeader = .unknown }
    var output: [UInt8] = []
    encoder.encode(columns, 0..<columns.count, encoding: encoding, appendingTo: &output)
    return (output, columns.timestamps)
  }
}
