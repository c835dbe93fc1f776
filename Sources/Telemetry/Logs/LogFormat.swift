public import Logging

/// How log lines are written: `--log.format`.
public enum LogFormat: String, Sendable, CaseIterable {
  case logfmt, json
}

/// Sends all log lines of the process to standard error.
///
/// Call once, at the start of a program; loggers made before keep their old handler.
/// `processName` becomes the field `name` of every line when it is not empty.
public func bootstrapLogging(
  format: LogFormat, level: Logger.Level, processName: String = ""
) {
  LoggingSystem.bootstrap { _ in
    var handler = LineLogHandler(format: format, level: level, write: writeToStandardError)
    if !processName.isEmpty { handler.metadata["name"] = .string(processName) }
    return handler
  }
}

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
