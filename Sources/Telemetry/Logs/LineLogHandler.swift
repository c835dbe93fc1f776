public import Logging

/// Writes each event as one line of logfmt or JSON.
///
///     ts=2026-01-02T03:04:05.678Z level=info msg="loaded block" id=01EM6Q6A1YPX4G9TEB20J22B2R
///
/// Fields come sorted by name, so that lines of one kind look alike. An error given to the logger
/// is the field `err`.
public struct LineLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?
  public var logLevel: Logger.Level
  private let format: LogFormat
  private let write: @Sendable ([UInt8]) -> Void
  private let now: @Sendable () -> Int64

  /// - Parameters:
  ///   - write: Called with one complete line, line feed included, from any thread.
  ///   - now: The time of day in milliseconds since 1970.
  public init(
    format: LogFormat, level: Logger.Level, write: @escaping @Sendable ([UInt8]) -> Void,
    now: @escaping @Sendable () -> Int64 = WallClock.milliseconds
  ) {
    self.format = format
    self.write = write
    self.now = now
    logLevel = level
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let tail = event.fields(adding: metadata, metadataProvider)
    let head = [
      ("ts", RFC3339.text(milliseconds: now())), ("level", event.level.thanosName),
      ("msg", event.message.description),
    ]
    let line =
      switch format {
      case .logfmt, .journald: logfmtLine(head + tail)
      case .json: jsonLine(head + tail)
      }
    write(Array(line.utf8))
  }
}

extension LogEvent {
  /// The fields of a line, sorted by name: those of the logger, then those of the event.
  func fields(
    adding metadata: Logger.Metadata, _ provider: Logger.MetadataProvider?
  ) -> [(key: String, value: String)] {
    var fields = metadata
    if let provided = provider?.get() {
      fields.merge(provided) { _, new in new }
    }
    if let given = self.metadata {
      fields.merge(given) { _, new in new }
    }
    if let error { fields["err"] = .string("\(error)") }
    return fields.sorted { precedesInBytes($0.key, $1.key) }.map { ($0, "\($1)") }
  }
}
