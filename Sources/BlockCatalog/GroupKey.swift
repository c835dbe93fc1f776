public import TSDBBlock

/// The blocks that may be compacted together: same resolution, same external labels.
///
///     0@2124638872457683483
///     │ └ XXH64 of the label set, each string with its length before it:
///     │   one byte below 255, else 255 and three bytes little endian
///     └ resolution, milliseconds
///
/// Names working directories and log lines; never stored in a bucket.
public struct GroupKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let resolution: Int64
  /// Stands for the external labels.
  public let hash: UInt64

  public init(resolution: Int64, labels: [ThanosMeta.Label]) {
    self.resolution = resolution
    var bytes: [UInt8] = []
    for label in labels.sorted() {
      Self.append(label.name, to: &bytes)
      Self.append(label.value, to: &bytes)
    }
    hash = XXHash64.hash(bytes)
  }

  public init(_ meta: BlockMeta) {
    self.init(resolution: meta.resolution, labels: meta.thanos?.labels ?? [])
  }

  private static func append(_ string: [UInt8], to bytes: inout [UInt8]) {
    let count = string.count
    if count < 255 {
      bytes.append(UInt8(count))
    } else {
      bytes.append(255)
      for shift in [0, 8, 16] { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
    }
    bytes.append(contentsOf: string)
  }

  /// Ordered as the text is, which is the order groups are worked on.
  public static func < (left: GroupKey, right: GroupKey) -> Bool {
    left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
  }

  public var description: String { "\(resolution)@\(hash)" }
}
