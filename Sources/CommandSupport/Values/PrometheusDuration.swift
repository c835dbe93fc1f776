public import ArgumentParser

/// A length of time as Prometheus writes it: `5m`, `1h30m`, `2w`, `0s`.
///
/// Units are y (365 days), w, d, h, m, s and ms, largest first, each at most once. A `0` needs
/// none.
public struct PrometheusDuration: Equatable, Sendable, CustomStringConvertible {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000),
    ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// Never negative.
  public let milliseconds: Int64

  public init(milliseconds: Int64) {
    self.milliseconds = max(0, milliseconds)
  }

  /// Nil when the text is no duration, or one longer than 292 million years.
  public init?(_ text: String) {
    if text == "0" {
      self.init(milliseconds: 0)
      return
    }
    var total: Int64 = 0
    var units = Self.units[...]
    var rest = text[...]
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest[digits.endIndex...]
      let name = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest[name.endIndex...]
      guard let count = Int64(digits), let index = units.firstIndex(where: { $0.name == name })
      else { return nil }
      let (product, isTooLong) = count.multipliedReportingOverflow(by: units[index].milliseconds)
      let (sum, isSumTooLong) = total.addingReportingOverflow(product)
      guard !isTooLong, !isSumTooLong else { return nil }
      total = sum
      units = units[(index + 1)...]
    }
    guard !text.isEmpty else { return nil }
    self.init(milliseconds: total)
  }

  public var duration: Duration { .milliseconds(milliseconds) }

  /// As Prometheus prints it: weeks and years only where nothing is left over.
  public var description: String {
    if milliseconds == 0 { return "0s" }
    var text = ""
    var rest = milliseconds
    for (name, unit) in Self.units where rest >= unit {
      if name == "y" || name == "w", rest % unit != 0 { continue }
      text += "\(rest / unit)\(name)"
      rest %= unit
    }
    return text
  }
}

extension PrometheusDuration: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}
