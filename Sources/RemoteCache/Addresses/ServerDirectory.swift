internal import Logging
internal import Synchronization
internal import Telemetry

/// The servers of a cache, in the order that all processes agree on.
///
/// Names are looked up again when what is known is older than the configuration allows and somebody
/// asks; meanwhile the old servers are used, and also when a lookup fails.
final class ServerDirectory: Sendable {
  /// The servers behind an address.
  typealias Resolve =
    @Sendable (CacheAddress) async -> Result<[ServerAddress], LookupFailure>

  private let remembered: Remembered<[ServerAddress]>

  /// - Parameters:
  ///   - lifetime: of what is known; nil when it holds for ever.
  ///   - patience: how long the first one who asks waits.
  init(
    _ addresses: [CacheAddress], lifetime: Duration?, patience: Duration,
    metrics: AddressMetrics, logger: Logger, resolve: @escaping Resolve
  ) {
    let lookup = AddressLookup(
      addresses: addresses, metrics: metrics, logger: logger, resolve: resolve)
    remembered = Remembered(.init(lifetime: lifetime, patience: patience)) {
      await lookup.servers()
    }
  }

  /// The servers as they are known, after a moment when nobody asked before.
  func servers() async -> [ServerAddress] { await remembered.current() ?? [] }
}

/// Looks up all addresses of a cache, and remembers each for when its next lookup fails.
private final class AddressLookup: Sendable {
  private let addresses: [CacheAddress]
  private let metrics: AddressMetrics
  private let logger: Logger
  private let resolve: ServerDirectory.Resolve
  private let known: Mutex<[[ServerAddress]?]>

  init(
    addresses: [CacheAddress], metrics: AddressMetrics, logger: Logger,
    resolve: @escaping ServerDirectory.Resolve
  ) {
    self.addresses = addresses
    self.metrics = metrics
    self.logger = logger
    self.resolve = resolve
    known = Mutex(Array(repeating: nil, count: addresses.count))
  }

  /// The servers of all addresses; nil when none was ever found.
  func servers() async -> [ServerAddress]? {
    for (place, address) in addresses.enumerated() {
      if case .server = address.kind {} else { metrics.lookups.increment() }
      switch await resolve(address) {
      case .success(let servers):
        known.withLock { $0[place] = servers }
        metrics.note(serverCount: servers.count, of: address.text)
      case .failure(let failure):
        metrics.failures.increment()
        logger.warning(
          "cannot look up the servers of a cache; those known before stay",
          metadata: ["address": "\(address.text)", "reason": "\(failure.detail)"])
      }
    }
    let texts = known.withLock { $0 }.flatMap { $0 ?? [] }
      .map { (text: $0.description, server: $0) }
    let servers = texts.sorted { NaturalOrder.precedes($0.text, $1.text) }.map(\.server)
    return servers.isEmpty ? nil : servers
  }
}
