internal import CommandSupport
internal import ObjectStore
internal import ServerRuntime
internal import ServerSupport
internal import StoreGateway

/// Where the limits of requests come from: flags, and a document that knows better.
struct LimitsSource: Sendable {
  let flags: RequestLimits
  let source: PathOrContent

  /// Reads the limits.
  ///
  /// - Throws: ``CommandError``, which names the flag and the line.
  func limits() async throws(CommandError) -> RequestLimits {
    guard source.isGiven else { return flags }
    let text = try await source.text()
    do {
      return try flags.overridden(byYAML: text)
    } catch {
      throw CommandError("\(source.origin): \(error)")
    }
  }
}

extension ServerProcess {
  /// The limits of requests, read again at each reload when they come from a file.
  func limits(_ source: LimitsSource) async throws(CommandError) -> Reloadable<RequestLimits> {
    let limits = Reloadable(try await source.limits())
    if source.source.path != nil {
      reloads.register("the limits of requests") {
        limits.replace(by: try await source.limits())
      }
    }
    return limits
  }
}
