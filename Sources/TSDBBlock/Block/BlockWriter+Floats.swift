/// Writing series that are in memory: labels as sets, samples as columns.
extension BlockWriter {
  /// Where each symbol stands in the table of the block being written.
  public struct SymbolOrdinals: Sendable {
    fileprivate var ordinals: [[UInt8]: UInt32] = [:]

    /// The labels as references; nil when a string was not added.
    public func references(to labels: LabelSet) -> [LabelReference]? {
      var references: [LabelReference] = []
      for (name, value) in labels.pairs {
        guard let name = ordinals[name], let value = ordinals[value] else { return nil }
        references.append(LabelReference(name: name, value: value))
      }
      return references
    }
  }

  /// Names and values that series will have.
  public struct Symbols: Sendable {
    // The empty string belongs to the list of all series; Prometheus writes it too.
    fileprivate var strings: Set<[UInt8]> = [[]]

    /// The empty string only.
    public init() {}

    /// Adds those of a series.
    public mutating func insert(_ labels: LabelSet) {
      for (name, value) in labels.pairs {
        strings.insert(name)
        strings.insert(value)
      }
    }
  }

  /// Adds every name and value of `labelSets` as symbols, sorted. To be called once, first.
  public func addSymbols(
    of labelSets: some Sequence<LabelSet>
  ) throws(BlockError) -> SymbolOrdinals {
    var symbols = Symbols()
    for labels in labelSets { symbols.insert(labels) }
    return try addSymbols(symbols)
  }

  /// Adds symbols, sorted. To be called once, first.
  public func addSymbols(_ symbols: Symbols) throws(BlockError) -> SymbolOrdinals {
    var result = SymbolOrdinals()
    for symbol in symbols.strings.sorted(by: ByteOrder.precedes) {
      result.ordinals[symbol] = UInt32(truncatingIfNeeded: result.ordinals.count)
      try addSymbol(symbol)
    }
    return result
  }

  /// Adds a series of floats as XOR chunks. Series come in the order of their labels.
  ///
  /// - Parameters:
  ///   - labels: of the series.
  ///   - ordinals: what ``addSymbols(_:)`` returned.
  ///   - samples: columns whose times in `range` increase.
  ///   - range: the samples to write, all unless given.
  ///   - samplesPerChunk: 120 as Prometheus does, at most 65535.
  /// - Throws: ``BlockError`` with the code `invalidInput` for labels whose symbols were not added,
  ///   or when a rule of the format is broken.
  public func addSeries(
    _ labels: LabelSet, _ ordinals: SymbolOrdinals, _ samples: SampleColumns,
    in range: Range<Int>? = nil, samplesPerChunk: Int = 120
  ) throws(BlockError) {
    guard let references = ordinals.references(to: labels) else {
      throw BlockError(
        .invalidInput, path: directory, detail: "\(labels) has symbols that were not added")
    }
    let range = range ?? 0..<samples.count
    var encoder = XOREncoder()
    var parts: [(range: Range<Int>, payload: [UInt8])] = []
    for start in stride(from: range.lowerBound, to: range.upperBound, by: samplesPerChunk) {
      let part = start..<min(start + samplesPerChunk, range.upperBound)
      encoder.append(
        samples.timestamps.span.extracting(part), samples.values.span.extracting(part))
      parts.append((part, encoder.finish()))
    }
    beginSeries(payloadByteCounts: parts.map(\.payload.count))
    for part in parts {
      try appendChunk(
        minTime: samples.timestamps[part.range.lowerBound],
        maxTime: samples.timestamps[part.range.upperBound - 1],
        encoding: ChunkEncoding.xor.rawValue, payload: part.payload.rawSpan)
    }
    try endSeries(labels: references)
  }
}
