public import ArgumentParser
public import Logging
internal import Telemetry

/// `--log.level` and `--log.format`.
public struct LogOptions: ParsableArguments {
  public enum Level: String, ExpressibleByArgument, CaseIterable, Sendable {
    case error, warn, info, debug
  }

  public enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
    case logfmt, json
    /// Logfmt to standard error, which is where a journal picks it up.
    case journald
  }

  @Option(name: .customLong("log.level"), help: "Least severe level that is logged.")
  public var level = Level.info

  @Option(name: .customLong("log.format"), help: "Form of log lines, on standard error.")
  public var format = Format.logfmt

  public init() {}

  public var loggerLevel: Logger.Level {
    Logger.Level(thanosName: level.rawValue) ?? .info
  }

  /// Sends the log lines of the whole process where these options say. Call once.
  public func bootstrap() {
    bootstrapLogging(format: format == .json ? .json : .logfmt, level: loggerLevel)
  }
}
