/// The labels of a series: names and values as bytes, sorted by name.
///
///     ┌ name₀ value₀ name₁ value₁ … ┐   one buffer
///     ┌ end of each string, UInt32  ┐   two per label
///
/// Sets compare pairwise by name, then value, in byte order; a prefix sorts first. This is the
/// order of the series in an index.
public struct LabelSet: Hashable, Sendable {
  private var bytes: [UInt8] = []
  private var ends: [UInt32] = []

  /// The empty set.
  public init() {}

  /// A set of `pairs` in any order. Of equal names the last stays; empty values mean an absent
  /// label and are dropped.
  public init(_ pairs: [(name: [UInt8], value: [UInt8])]) {
    let sorted = pairs.enumerated().sorted { left, right in
      let order = ByteOrder.compare(left.element.name.rawSpan, right.element.name.rawSpan)
      return order != 0 ? order < 0 : left.offset < right.offset
    }
    for (position, entry) in sorted.enumerated() {
      let next = position + 1
      if next < sorted.count, sorted[next].element.name == entry.element.name { continue }
      if !entry.element.value.isEmpty {
        append(name: entry.element.name.rawSpan, value: entry.element.value.rawSpan)
      }
    }
  }

  /// A set of UTF-8 strings.
  public init(_ pairs: KeyValuePairs<String, String>) {
    self.init(pairs.map { (name: Array($0.key.utf8), value: Array($0.value.utf8)) })
  }

  /// Number of labels.
  public var count: Int { ends.count / 2 }
  /// Whether there are no labels.
  public var isEmpty: Bool { ends.isEmpty }

  /// Adds a label behind the others. The caller keeps the order; ``isSorted`` tells.
  public mutating func append(name: RawSpan, value: RawSpan) {
    append(name)
    append(value)
  }

  /// Removes all labels and keeps the memory.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  private mutating func append(_ string: RawSpan) {
    // SAFETY: reads the bytes of the span only.
    unsafe string.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    ends.append(UInt32(truncatingIfNeeded: bytes.count))
  }

  /// The name of the label at a position, as bytes.
  public func name(at index: Int) -> [UInt8] { Array(bytes[range(2 * index)]) }
  /// The value of the label at a position, as bytes.
  public func value(at index: Int) -> [UInt8] { Array(bytes[range(2 * index + 1)]) }

  /// The value of the label `name`, nil when the set lacks it.
  public func value(of name: [UInt8]) -> [UInt8]? {
    for index in 0..<count where self.name(at: index) == name { return value(at: index) }
    return nil
  }

  /// The value of the label with a UTF-8 name, nil when the set lacks it.
  public func value(of name: String) -> [UInt8]? { value(of: Array(name.utf8)) }

  /// All labels in order.
  public var pairs: [(name: [UInt8], value: [UInt8])] {
    (0..<count).map { (name(at: $0), value(at: $0)) }
  }

  /// Whether the names strictly increase.
  public var isSorted: Bool {
    guard count > 1 else { return true }
    for index in 1..<count
    where ByteOrder.compare(span(2 * index - 2), span(2 * index)) >= 0 {
      return false
    }
    return true
  }

  private func range(_ string: Int) -> Range<Int> {
    (string == 0 ? 0 : Int(ends[string - 1]))..<Int(ends[string])
  }

  @_lifetime(borrow self)
  private func span(_ string: Int) -> RawSpan {
    unsafe _overrideLifetime(bytes.rawSpan.extracting(range(string)), borrowing: self)
  }
}

extension LabelSet: Comparable {
  /// The order of the series in an index.
  public static func < (left: LabelSet, right: LabelSet) -> Bool {
    let common = min(left.ends.count, right.ends.count)
    for string in 0..<common {
      let order = ByteOrder.compare(left.span(string), right.span(string))
      if order != 0 { return order < 0 }
    }
    return left.ends.count < right.ends.count
  }
}

extension LabelSet: CustomStringConvertible {
  /// Selector syntax: `{__name__="up", job="api"}`. Names outside the legacy alphabet are quoted.
  public var description: String {
    let labels = pairs.map { LabelText.name($0.name) + "=" + LabelText.quoted($0.value) }
    return "{" + labels.joined(separator: ", ") + "}"
  }
}
