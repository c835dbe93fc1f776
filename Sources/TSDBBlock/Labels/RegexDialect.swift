/// The few places where Go's regular expressions are not those of the engine.
///
///     (?<name>…)     Go 1.22 and later take it for (?P<name>…); the engine does not know it
///     (?P<naïve>…)   Go wants ASCII letters, digits and underscores; the engine takes more
///     \C             one byte for the engine, an error in Go
struct RegexDialect {
  private let pattern: [UInt8]
  private var position = 0
  private var result: [UInt8] = []

  /// `pattern` as the engine has to see it, or nil when Go would refuse it.
  static func translate(_ pattern: [UInt8]) -> [UInt8]? {
    var dialect = RegexDialect(pattern: pattern)
    return dialect.run() ? dialect.result : nil
  }

  private init(pattern: [UInt8]) { self.pattern = pattern }

  private mutating func run() -> Bool {
    while position < pattern.count {
      switch pattern[position] {
      case UInt8(ascii: "\\"):
        guard copyEscape() else { return false }
      case UInt8(ascii: "["):
        guard copyClass() else { return false }
      case UInt8(ascii: "("):
        guard copyGroup() else { return false }
      default:
        copy(1)
      }
    }
    return true
  }

  private mutating func copy(_ count: Int) {
    let end = min(position + count, pattern.count)
    result += pattern[position..<end]
    position = end
  }

  private func starts(with text: StaticString) -> Bool {
    var index = position
    for byte in "\(text)".utf8 {
      guard index < pattern.count, pattern[index] == byte else { return false }
      index += 1
    }
    return true
  }

  private mutating func copyEscape() -> Bool {
    if starts(with: "\\C") { return false }
    guard starts(with: "\\Q") else {
      copy(2)
      return true
    }
    while position < pattern.count {
      if starts(with: "\\E") {
        copy(2)
        return true
      }
      copy(1)
    }
    return true
  }

  private mutating func copyClass() -> Bool {
    copy(starts(with: "[^") ? 2 : 1)
    // A bracket in the first place stands for itself.
    if starts(with: "]") { copy(1) }
    while position < pattern.count, pattern[position] != UInt8(ascii: "]") {
      if pattern[position] == UInt8(ascii: "\\") {
        guard copyEscape() else { return false }
      } else if starts(with: "[:") {
        copy(2)
        while position < pattern.count, !starts(with: ":]") { copy(1) }
        copy(2)
      } else {
        copy(1)
      }
    }
    copy(1)
    return true
  }

  private mutating func copyGroup() -> Bool {
    if starts(with: "(?P<") {
      copy(4)
    } else if starts(with: "(?<") {
      position += 3
      result += "(?P<".utf8
    } else {
      copy(1)
      return true
    }
    let name = pattern[position...].prefix { $0 != UInt8(ascii: ">") }
    return name.allSatisfy(Self.isWordByte)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    LabelText.isLegacyName([UInt8(ascii: "_"), byte])
  }
}
