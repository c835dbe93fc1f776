public import Logging

/// Writes each event as an entry of the system journal, where every field can be searched for.
///
///     journalctl -u store-gateway BLOCK=01EM6Q6A1YPX4G9TEB20J22B2R
public struct JournalLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?
  public var logLevel: Logger.Level
  private let program: String
  private let send: @Sendable ([UInt8]) -> Bool
  private let fallback: @Sendable ([UInt8]) -> Void

  /// - Parameters:
  ///   - send: takes one entry; returns false when it was not taken.
  ///   - fallback: takes a line of logfmt in place of an entry that was not taken.
  public init(
    level: Logger.Level, program: String, send: @escaping @Sendable ([UInt8]) -> Bool,
    fallback: @escaping @Sendable ([UInt8]) -> Void
  ) {
    logLevel = level
    self.program = program
    self.send = send
    self.fallback = fallback
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let fields = event.fields(adding: metadata, metadataProvider)
    let entry = JournalEntry(
      message: event.message.description, level: event.level, program: program,
      fields: fields.map { ($0.key, $0.value) })
    if send(entry.bytes) { return }
    let line = logfmtLine(
      [
        ("ts", RFC3339.text(milliseconds: WallClock.milliseconds())),
        ("level", event.level.thanosName), ("msg", event.message.description),
      ] + fields)
    fallback(Array(line.utf8))
  }
}
