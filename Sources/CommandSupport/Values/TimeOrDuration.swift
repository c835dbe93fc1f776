public import ArgumentParser
public import Telemetry

/// A point in time: `2026-01-02T03:04:05Z`, or one relative to now, `-2w` or `30m`.
public enum TimeOrDuration: Equatable, Sendable, CustomStringConvertible {
  /// Milliseconds since 1970.
  case time(milliseconds: Int64)
  /// Milliseconds from the time of asking; negative in the past.
  case relative(milliseconds: Int64)

  /// Nil when the text is neither.
  public init?(_ text: String) {
    if let milliseconds = RFC3339.milliseconds(text) {
      self = .time(milliseconds: milliseconds)
      return
    }
    let isPast = text.hasPrefix("-")
    guard let duration = PrometheusDuration(isPast ? String(text.dropFirst()) : text) else {
      return nil
    }
    self = .relative(milliseconds: isPast ? -duration.milliseconds : duration.milliseconds)
  }

  /// The point in time, in milliseconds since 1970. A relative one moves with `now`.
  public func milliseconds(now: Int64 = WallClock.milliseconds()) -> Int64 {
    switch self {
    case .time(let milliseconds): return milliseconds
    case .relative(let offset):
      let (sum, isOverflow) = now.addingReportingOverflow(offset)
      guard isOverflow else { return sum }
      return offset < 0 ? .min : .max
    }
  }

  public var description: String {
    switch self {
    case .time(let milliseconds):
      return RFC3339.text(milliseconds: milliseconds).replacingSuffix(".000Z", with: "Z")
    case .relative(let offset):
      let length = PrometheusDuration(milliseconds: offset < 0 ? -offset : offset)
      return (offset < 0 ? "-" : "") + length.description
    }
  }
}

extension TimeOrDuration: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String, with replacement: String) -> String {
    hasSuffix(suffix) ? dropLast(suffix.count) + replacement : self
  }
}
