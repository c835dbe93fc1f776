public import ArgumentParser
public import BlockCatalog
public import Logging

/// `--selector.relabel-config-file` and `--selector.relabel-config`: which blocks are this
/// program's business.
public struct SelectorOptions: ParsableArguments {
  @Option(
    name: .customLong("selector.relabel-config-file"),
    help: ArgumentHelp(
      "YAML file with relabel rules over external labels; blocks that they drop are not touched.",
      valueName: "path"))
  public var path: String?

  @Option(
    name: .customLong("selector.relabel-config"),
    help: ArgumentHelp(
      """
      The same as text: a list of rules with the actions keep, drop and hashmod, for example \
      '[{action: keep, source_labels: [cluster], regex: eu-.*}]'.
      """, valueName: "yaml"))
  public var content: String?

  public init() {}

  /// Where the rules come from, to read them now and later.
  public var source: SelectorSource {
    SelectorSource(
      source: PathOrContent(name: "selector.relabel-config", path: path, content: content))
  }

  public func validate() throws {
    try source.source.validate(isOptional: true)
  }
}

/// Where a relabel selector comes from.
public struct SelectorSource: Sendable {
  let source: PathOrContent

  /// Whether reading again can give something else.
  public var isFile: Bool { source.path != nil }

  /// The rules; nil when there are none. Keys without effect are logged.
  ///
  /// - Throws: ``CommandError``, which names the flag and the line.
  public func selector(_ logger: Logger) async throws(CommandError) -> RelabelSelector? {
    guard source.isGiven else { return nil }
    let text = try await source.text()
    do {
      let configuration = try RelabelConfiguration.parse(yaml: text)
      for warning in configuration.warnings {
        logger.warning("\(source.origin): \(warning)")
      }
      return configuration.rules.isEmpty ? nil : configuration.selector
    } catch {
      throw CommandError("\(source.origin): \(error)")
    }
  }
}
