/// How much one request may touch, as the flags `--store.limits.*` and `--store.grpc.*` say; nil for
/// no limit. All blocks of a request share its limits.
public struct RequestLimits: Equatable, Sendable {
  /// Series that match, before the time range is looked at.
  public var series: Int?
  public var chunks: Int?
  /// Bytes that reading index and chunks from a remote bucket takes, guesses at sizes included, as
  /// the reference counts them. Counted in the same way where files are mapped.
  public var bytes: Int?

  public init(series: Int? = nil, chunks: Int? = nil, bytes: Int? = nil) {
    self.series = series
    self.chunks = chunks
    self.bytes = bytes
  }

  /// A limit on samples, which are counted as chunks of 120.
  public static func chunks(holding samples: Int) -> Int { samples / 120 }
}
