public import ArgumentParser
internal import CommandSupport
internal import ServerRuntime

/// `--request.logging-config-file` and `--request.logging-config`: which requests are logged.
public struct RequestLogOptions: ParsableArguments {
  @Option(
    name: .customLong("request.logging-config-file"),
    help: ArgumentHelp(
      "YAML file that says which HTTP requests and gRPC calls are logged; none without it.",
      valueName: "path"))
  public var path: String?

  @Option(
    name: .customLong("request.logging-config"),
    help: ArgumentHelp(
      "The same as text, for example '{options: {level: INFO, decision: {log_end: true}}}'.",
      valueName: "yaml"))
  public var content: String?

  public init() {}

  /// Where the configuration comes from, to read it now and later.
  public var source: RequestLogSource {
    RequestLogSource(
      source: PathOrContent(name: "request.logging-config", path: path, content: content))
  }

  public func validate() throws {
    try source.source.validate(isOptional: true)
  }
}

/// Where a request logging configuration comes from.
public struct RequestLogSource: Sendable {
  let source: PathOrContent

  /// Whether reading again can give something else.
  var isFile: Bool { source.path != nil }

  /// Reads the configuration; nothing is logged when there is none.
  ///
  /// - Throws: ``CommandError``, which names the flag and the line.
  func configuration() async throws(CommandError) -> RequestLogConfiguration {
    guard source.isGiven else { return RequestLogConfiguration() }
    let text = try await source.text()
    do {
      return try RequestLogConfiguration.parse(yaml: text)
    } catch {
      throw CommandError("\(source.origin): \(error)")
    }
  }
}
