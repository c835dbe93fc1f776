/// A number of bytes: `250MB`, `1GiB`, `1.5TB`, `1B`. `MB` and `MiB` both count in 1024.
public struct ByteSize: Equatable, Sendable, CustomStringConvertible {
  private static let units: [(name: String, shift: Int)] = [
    ("E", 60), ("P", 50), ("T", 40), ("G", 30), ("M", 20), ("K", 10),
  ]

  /// Never negative.
  public let byteCount: Int

  public init(byteCount: Int) {
    self.byteCount = max(0, byteCount)
  }

  /// Nil when the text is no size, or one beyond 8 EiB.
  public init?(_ text: String) {
    let number = text.prefix { $0 == "." || ($0.isASCII && $0.isNumber) }
    guard let value = Double(number), let shift = Self.shift(of: text[number.endIndex...])
    else { return nil }
    if shift == 0, let whole = Int(number) {
      self.init(byteCount: whole)
      return
    }
    let bytes = value * Double(1 << shift)
    guard bytes < 0x1p63 else { return nil }
    self.init(byteCount: Int(bytes))
  }

  public var description: String {
    for (name, shift) in Self.units where byteCount > 0 && byteCount % (1 << shift) == 0 {
      return "\(byteCount >> shift)\(name)iB"
    }
    return "\(byteCount)B"
  }

  private static func shift(of unit: Substring) -> Int? {
    let unit = unit.uppercased()
    if unit.isEmpty || unit == "B" { return 0 }
    return units.first { unit == $0.name + "B" || unit == $0.name + "IB" }?.shift
  }
}
