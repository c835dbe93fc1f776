/// Finding names, values and lists.
extension PostingsOffsetTable {
  /// All label names, sorted. The entry of all series has the empty name and is left out.
  public var labelNames: [[UInt8]] {
    let bytes = slice.bytes
    var result: [[UInt8]] = []
    for name in names where !name.range.isEmpty {
      result.append([UInt8](bytes.extracting(name.range)))
    }
    return result
  }

  /// Number of values of the label, 0 when no series has it.
  public func valueCount(of name: [UInt8]) -> Int { find(name)?.valueCount ?? 0 }

  /// File offset of the list of a label pair, nil when no series has it. `("", "")` stands for all
  /// series.
  ///
  /// - Complexity: O(log values), and at most 32 entries are read.
  public func listOffset(name: [UInt8], value: [UInt8]) throws(BlockError) -> UInt64? {
    try find(name: name, value: value)?.list
  }

  func find(name: [UInt8], value: [UInt8]) throws(BlockError) -> Entry? {
    guard let name = find(name) else { return nil }
    let bytes = slice.bytes
    var low = name.samples.lowerBound
    var high = name.samples.upperBound
    // The last sample whose value does not sort behind the one wanted.
    while high - low > 1 {
      let middle = (low + high) / 2
      let entry = try Self.entry(in: bytes, content, at: samples[middle])
      if ByteOrder.compare(bytes.extracting(entry.value), value.rawSpan) <= 0 {
        low = middle
      } else {
        high = middle
      }
    }
    var position = samples[low]
    for _ in 0..<distance {
      let entry = try Self.entry(in: bytes, content, at: position)
      let order = ByteOrder.compare(bytes.extracting(entry.value), value.rawSpan)
      if order == 0 { return entry }
      if order > 0 || position == samples[name.samples.upperBound - 1] { return nil }
      position = entry.end
    }
    return nil
  }

  /// Calls `body` with each value of the label, in order, until it returns false.
  ///
  /// - Complexity: O(values of the label).
  public func forEachValue(
    of name: [UInt8],
    _ body: (_ value: Range<Int>, _ listOffset: UInt64) throws(BlockError) -> Bool
  ) throws(BlockError) {
    guard let name = find(name) else { return }
    let bytes = slice.bytes
    if distance == 1 {
      for sample in name.samples {
        let entry = try Self.entry(in: bytes, content, at: samples[sample])
        guard try body(entry.value, entry.list) else { return }
      }
      return
    }
    var position = samples[name.samples.lowerBound]
    for _ in 0..<name.valueCount {
      let entry = try Self.entry(in: bytes, content, at: position)
      guard try body(entry.value, entry.list) else { return }
      position = entry.end
    }
  }

  func find(_ wanted: [UInt8]) -> Name? {
    let bytes = slice.bytes
    var low = 0
    var high = names.count
    while low < high {
      let middle = (low + high) / 2
      let order = ByteOrder.compare(bytes.extracting(names[middle].range), wanted.rawSpan)
      if order == 0 { return names[middle] }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}
