public import TSDBBlock

/// One entry of a relabel configuration.
///
///     values of the source labels ─ joined by the separator ─► keep, drop or hash
public struct RelabelRule: Sendable {
  /// What is done with the joined value. Other actions of Prometheus change labels, which cannot
  /// select a block.
  public enum Action: Sendable {
    /// Blocks whose value does not match are hidden.
    case keep(RegexMatcher)
    /// Blocks whose value matches are hidden.
    case drop(RegexMatcher)
    /// Sets the label to the value's hash modulo `modulus`, in decimal. The hash is made of the
    /// last 8 bytes of the value's MD5, big endian. Modulo 0 is 0.
    case hashmod(modulus: UInt64, targetLabel: [UInt8])
  }

  public var sourceLabels: [[UInt8]]
  public var separator: [UInt8]
  public var action: Action

  public init(
    sourceLabels: [[UInt8]], separator: [UInt8] = Array(";".utf8), action: Action
  ) {
    self.sourceLabels = sourceLabels
    self.separator = separator
    self.action = action
  }

  /// Applies the rule; false when the block is to be hidden.
  ///
  /// - Parameter labels: without those whose value is empty; a missing label has an empty value.
  func apply(to labels: inout [[UInt8]: [UInt8]]) -> Bool {
    let value = Array(sourceLabels.map { labels[$0] ?? [] }.joined(separator: separator))
    switch action {
    case .keep(let pattern): return pattern.matches(value)
    case .drop(let pattern): return !pattern.matches(value)
    case .hashmod(let modulus, let target):
      let shard = modulus == 0 ? 0 : MD5.tail(of: value) % modulus
      labels[target] = Array(String(shard).utf8)
      return true
    }
  }
}
