internal import Logging

/// One entry of the system journal, in the form its socket takes:
///
///     MESSAGE=loaded block↵
///     PRIORITY=6↵
///     BLOCK=01EM6Q6A1YPX4G9TEB20J22B2R↵       fields in capital letters
///     ERR↵                                    a value with line feeds: its length as
///     12 00 00 00 00 00 00 00 first↵second↵   64 bits, least significant byte first
struct JournalEntry {
  private(set) var bytes: [UInt8] = []

  /// - Parameter fields: names as in log lines; those the journal reserves are not among them.
  init(
    message: String, level: Logger.Level, program: String,
    fields: [(name: String, value: String)]
  ) {
    append("MESSAGE", message)
    append("PRIORITY", "\(Self.priority(of: level))")
    append("SYSLOG_IDENTIFIER", program)
    for field in fields { append(Self.fieldName(field.name), field.value) }
  }

  private mutating func append(_ name: String, _ value: String) {
    bytes += name.utf8
    if value.utf8.contains(UInt8(ascii: "\n")) {
      bytes.append(UInt8(ascii: "\n"))
      let count = UInt64(value.utf8.count)
      for shift in stride(from: 0, to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: count >> UInt64(shift)))
      }
    } else {
      bytes.append(UInt8(ascii: "="))
    }
    bytes += value.utf8
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Capital letters, digits and underscores, not beginning with an underscore or a digit: the
  /// journal drops other fields.
  static func fieldName(_ name: String) -> String {
    let letters = name.uppercased().unicodeScalars.prefix(60).map { scalar -> Character in
      switch scalar {
      case "A"..."Z", "0"..."9": Character(scalar)
      default: "_"
      }
    }
    let isPlain = letters.first.map { "A"..."Z" ~= $0 } ?? false
    return isPlain ? String(letters) : "X" + String(letters)
  }

  /// As syslog numbers them.
  static func priority(of level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
