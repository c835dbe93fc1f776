internal import Glibc

/// What standard output can show.
package struct Terminal {
  /// Columns to fit into; nil when the output is no terminal.
  package var width: Int?
  package var hasColor = false

  package init(width: Int?, hasColor: Bool = false) {
    self.width = width
    self.hasColor = hasColor
  }

  /// No terminal: full width, no color.
  package static let none = Terminal(width: nil)

  package static func current() -> Terminal {
    guard isatty(STDOUT_FILENO) == 1 else { return .none }
    var size = winsize()
    // SAFETY: the request fills a winsize.
    let isKnown = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    let hasColor = variable("NO_COLOR") == nil && variable("TERM") != "dumb"
    return Terminal(width: isKnown ? Int(size.ws_col) : 80, hasColor: hasColor)
  }

  /// Nil for an empty variable too, as the NO_COLOR convention wants.
  private static func variable(_ name: String) -> String? {
    // SAFETY: getenv returns nil or a C string; nothing changes the environment meanwhile.
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }

  package enum Style: String {
    case bold = "1"
    case red = "31"
    case yellow = "33"
    case green = "32"
    case faint = "2"
  }

  package func styled(_ text: String, _ style: Style) -> String {
    hasColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
