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
    /// Entries of the system journal, with each field searchable.
    case journald
  }

  @Option(name: .customLong("log.level"), help: "Least severe level that is logged.")
  public var level = Level.info

  @Option(
    name: .customLong("log.format"),
    help: "Form of log lines, on standard error; journald sends them to the system journal.")
  public var format = Format.logfmt

  @Option(
    name: .customLong("debug.name"),
    help: ArgumentHelp(
      "Becomes the field 'name' of every log line.", valueName: "name", visibility: .hidden))
  public var debugName = ""

  public init() {}

  public var loggerLevel: Logger.Level {
    Logger.Level(thanosName: level.rawValue) ?? .info
  }

  /// Sends the log lines of the whole process where these options say. Call once.
  ///
  /// - Parameter program: what the journal calls the process.
  public func bootstrap(program: String) {
    let format: LogFormat =
      switch format {
      case .logfmt: .logfmt
      case .json: .json
      case .journald: .journald
      }
    bootstrapLogging(format: format, level: loggerLevel, program: program, debugName: debugName)
  }
}
