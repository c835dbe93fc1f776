/// Decoded float samples as columns of equal length.
///
/// Meant to be reused: ``removeAll()`` keeps the memory, so that decoding chunk after chunk
/// allocates nothing. Values stay bit patterns because a stale marker is a signalling NaN that
/// arithmetic would destroy.
public struct SampleColumns: Equatable, Sendable {
  /// Milliseconds since 1970.
  public var timestamps: [Int64] = []
  /// The bits of IEEE 754 doubles.
  public var values: [UInt64] = []
  /// Start timestamps in milliseconds, 0 for unknown. Filled only by encodings that have them, so
  /// either empty or as long as the other columns.
  public var starts: [Int64] = []

  /// No samples.
  public init() {}

  /// Number of samples.
  public var count: Int { timestamps.count }
  /// Whether there are no samples.
  public var isEmpty: Bool { timestamps.isEmpty }

  /// Removes the samples and keeps the memory.
  public mutating func removeAll() {
    timestamps.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
  }

  /// Adds a sample without a start timestamp.
  public mutating func append(timestamp: Int64, valueBits: UInt64) {
    timestamps.append(timestamp)
    values.append(valueBits)
  }

  mutating func append(timestamp: Int64, valueBits: UInt64, start: Int64) {
    // Samples from a chunk without start times may stand before these.
    padStarts()
    append(timestamp: timestamp, valueBits: valueBits)
    starts.append(start)
  }

  /// Gives samples that were appended without a start the unknown one.
  mutating func padStarts() {
    guard starts.count < timestamps.count else { return }
    starts.append(contentsOf: repeatElement(0, count: timestamps.count - starts.count))
  }
}

/// Bit patterns with a meaning of their own.
public enum SampleValue {
  /// The end of a series: a NaN that Prometheus never stores for anything else.
  public static let staleMarker: UInt64 = 0x7FF0_0000_0000_0002
  /// The NaN that Prometheus writes for a NaN it was given.
  public static let normalNaN: UInt64 = 0x7FF8_0000_0000_0001
}
