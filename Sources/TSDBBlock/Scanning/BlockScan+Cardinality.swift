extension BlockScan {
  /// Which labels make a block large, named as `promtool tsdb analyze` names them.
  ///
  /// Of each list the highest counts come first, and equal ones in the order of names and values.
  public struct Cardinality: Equatable, Sendable {
    /// Distinct label pairs.
    public var labelPairs = 0
    /// Distinct names.
    public var labelNames = 0
    /// Sum over the series of the part of the block's range that they do not cover, in block
    /// ranges.
    public var churningPairs: [Entry] = []
    /// The same by names alone.
    public var churningNames: [Entry] = []
    /// Series with the pair.
    public var commonPairs: [Entry] = []
    /// Bytes of all distinct values of the name.
    public var longestValues: [Entry] = []
    /// Distinct values of the name.
    public var highestLabels: [Entry] = []
    /// Series of the metric.
    public var highestMetrics: [Entry] = []

    /// Entries of each list.
    public static let limit = 20

    /// A line of one of the lists.
    public struct Entry: Equatable, Sendable {
      /// A name, or `name=value`; bytes that are not UTF-8 are escaped.
      public var label: String
      /// What the list counts.
      public var count: Int
    }
  }
}
