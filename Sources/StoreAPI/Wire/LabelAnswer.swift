/// The answer to a LabelNames or a LabelValues call, not yet encoded.
public struct LabelAnswer: Sendable {
  /// Names or values.
  public var strings: LabelStrings
  /// What could not be read; the rest of the answer is right.
  public var warnings: [String]
  /// Facts about the query: an encoded `google.protobuf.Any`; nil for none.
  public var hints: [UInt8]?

  public init(strings: LabelStrings, warnings: [String] = [], hints: [UInt8]? = nil) {
    self.strings = strings
    self.warnings = warnings
    self.hints = hints
  }
}
