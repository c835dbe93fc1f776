extension BlockScan {
  /// Which labels make a block large, named as `promtool tsdb analyze` names them.
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

extension BlockScanner {
  func makeCardinality() -> BlockScan.Cardinality {
    guard let index else { return BlockScan.Cardinality() }
    let bytes = index.bytes
    var pairs: [LabelReference: (series: Int, uncovered: Int64)] = [:]
    var names: [UInt32: (values: Int, bytes: Int, uncovered: Int64)] = [:]
    let duration = blockDuration
    for entry in series {
      let uncovered = max(0, duration &- entry.covered)
      for label in labels[entry.labels] {
        let isNew = pairs[label] == nil
        pairs[label, default: (0, 0)].series += 1
        pairs[label, default: (0, 0)].uncovered &+= uncovered
        names[label.name, default: (0, 0, 0)].uncovered &+= uncovered
        guard isNew else { continue }
        names[label.name, default: (0, 0, 0)].values += 1
        names[label.name, default: (0, 0, 0)].bytes += byteCount(label.value)
      }
    }
    var result = BlockScan.Cardinality()
    result.labelPairs = pairs.count
    result.labelNames = names.count
    let scale = max(duration, 1)
    let metric = "__name__="
    result.churningPairs = top(pairs) {
      Int($0.uncovered / scale)
    } label: {
      pair(bytes, $0)
    }
    result.churningNames = top(names) {
      Int($0.uncovered / scale)
    } label: {
      name(bytes, $0)
    }
    result.commonPairs = top(pairs) {
      $0.series
    } label: {
      pair(bytes, $0)
    }
    result.longestValues = top(names) {
      $0.bytes
    } label: {
      name(bytes, $0)
    }
    result.highestLabels = top(names) {
      $0.values
    } label: {
      name(bytes, $0)
    }
    let metrics = pairs.filter { pair(bytes, $0.key).hasPrefix(metric) }
    result.highestMetrics = top(metrics) {
      $0.series
    } label: {
      name(bytes, $0.value)
    }
    return result
  }

  private var blockDuration: Int64 {
    if let meta = scan.meta, meta.maxTime > meta.minTime { return meta.maxTime &- meta.minTime }
    return (scan.contents.maxTime ?? 0) &- (scan.contents.minTime ?? 0)
  }

  /// The entries with the highest counts; equal ones in the order of their labels.
  private func top<Key, Value>(
    _ table: [Key: Value], count: (Value) -> Int, label: (Key) -> String
  ) -> [BlockScan.Cardinality.Entry] {
    let counts = table.map { (key: $0.key, count: count($0.value)) }.filter { $0.count > 0 }
    let limit = BlockScan.Cardinality.limit
    let sorted = counts.sorted { $0.count > $1.count }
    guard let least = sorted.prefix(limit).last?.count else { return [] }
    return sorted.prefix { $0.count >= least }
      .map { BlockScan.Cardinality.Entry(label: label($0.key), count: $0.count) }
      .sorted { left, right in
        left.count != right.count
          ? left.count > right.count
          : ByteOrder.precedes(Array(left.label.utf8), Array(right.label.utf8))
      }
      .prefix(limit).map { $0 }
  }

  private func byteCount(_ reference: UInt32) -> Int {
    symbols.ordinal(of: reference, version: version).map { symbols.ranges[$0].count } ?? 0
  }

  private func name(_ bytes: RawSpan, _ reference: UInt32) -> String {
    guard let ordinal = symbols.ordinal(of: reference, version: version) else { return "?" }
    let text = LabelText.quoted([UInt8](bytes.extracting(symbols.ranges[ordinal])))
    return String(text.dropFirst().dropLast())
  }

  private func pair(_ bytes: RawSpan, _ label: LabelReference) -> String {
    name(bytes, label.name) + "=" + name(bytes, label.value)
  }
}
