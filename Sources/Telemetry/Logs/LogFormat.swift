public import Logging

/// How log lines are written: `--log.format`.
public enum LogFormat: String, Sendable, CaseIterable {
  case logfmt, json
  /// Entries of the system journal; logfmt on standard error where there is no journal.
  case journald
}

/// Sends all log lines of the process to standard error, or to the system journal.
///
/// Call once, at the start of a program; loggers made before keep their old handler.
///
/// - Parameters:
///   - program: what the journal calls the process.
///   - debugName: becomes the field `name` of every line when it is not empty.
public func bootstrapLogging(
  format: LogFormat, level: Logger.Level, program: String, debugName: String = ""
) {
  var metadata: Logger.Metadata = [:]
  if !debugName.isEmpty { metadata["name"] = .string(debugName) }
  let journal = format == .journald ? DatagramSocket(path: journalSocketPath) : nil
  LoggingSystem.bootstrap { [metadata] _ in
    guard let journal else {
      var handler = LineLogHandler(
        format: format == .json ? .json : .logfmt, level: level, write: writeToStandardError)
      handler.metadata = metadata
      return handler
    }
    var handler = JournalLogHandler(
      level: level, program: program, send: journal.send, fallback: writeToStandardError)
    handler.metadata = metadata
    return handler
  }
}

/// Where the journal listens, see `systemd-journald.service(8)`.
private let journalSocketPath = "/run/systemd/journal/socket"

extension Logger.Level {
  /// The level that Thanos calls `debug`, `info`, `warn` or `error`.
  public init?(thanosName name: String) {
    switch name {
    case "debug": self = .debug
    case "info": self = .info
    case "warn": self = .warning
    case "error": self = .error
    default: return nil
    }
  }

  var thanosName: String {
    switch self {
    case .trace, .debug: "debug"
    case .info, .notice: "info"
    case .warning: "warn"
    case .error, .critical: "error"
    }
  }
}
