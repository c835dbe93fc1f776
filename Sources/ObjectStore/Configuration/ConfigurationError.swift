/// What is wrong with a configuration text, and in which line.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Counted from 1; nil when the fault is not in one line.
  public let line: Int?
  public let detail: String

  public init(line: Int? = nil, detail: String) {
    self.line = line
    self.detail = detail
  }

  public var description: String {
    line.map { "line \($0): \(detail)" } ?? detail
  }
}
