/// Questions about whole columns, answered without leaving early so that the processor compares
/// many values at a time.
extension Span where Element == Int64 {
  /// Whether each is larger than the one before it.
  var isIncreasing: Bool {
    var violations = 0
    for index in Swift.min(1, count)..<count {
      // SAFETY: the index and the one before it are those of elements.
      violations |= unsafe self[unchecked: index &- 1] >= self[unchecked: index] ? 1 : 0
    }
    return violations == 0
  }

  /// Whether none is smaller than the one before it.
  var neverFalls: Bool {
    var violations = 0
    for index in Swift.min(1, count)..<count {
      // SAFETY: the index and the one before it are those of elements.
      violations |= unsafe self[unchecked: index &- 1] > self[unchecked: index] ? 1 : 0
    }
    return violations == 0
  }
}

extension Span where Element == UInt64 {
  func contains(_ value: UInt64) -> Bool {
    var matches = 0
    for index in 0..<count {
      // SAFETY: the index is that of an element.
      matches |= unsafe self[unchecked: index] == value ? 1 : 0
    }
    return matches != 0
  }
}
