internal import Logging
internal import NIOCore
internal import Synchronization

/// The servers that were talked to, each with its connections and its breaker.
final class ServerTable: Sendable {
  /// Connects to a server.
  typealias Connect = @Sendable (ServerAddress) async throws(WireFailure) -> Connection

  private let servers = Mutex<[ServerAddress: CacheServer]>([:])
  private let maximumIdle: Int
  private let connect: Connect
  private let logger: Logger

  /// Beyond this many, those of old lookups are forgotten.
  private static let countLimit = 4096

  init(maximumIdle: Int, logger: Logger, connect: @escaping Connect) {
    self.maximumIdle = maximumIdle
    self.connect = connect
    self.logger = logger
  }

  /// Of servers that need nothing but a connection.
  convenience init(timeout: Duration, maximumIdle: Int, logger: Logger) {
    self.init(maximumIdle: maximumIdle, logger: logger) { (address) throws(WireFailure) in
      try await Connection.open(address, timeout: timeout)
    }
  }

  subscript(address: ServerAddress) -> CacheServer {
    servers.withLock { servers in
      if let server = servers[address] { return server }
      if servers.count >= Self.countLimit { servers = [:] }
      let connect = connect
      let server = CacheServer(
        address: address,
        connections: ServerConnections(maximumIdle: maximumIdle) { () throws(WireFailure) in
          try await connect(address)
        },
        logger: logger)
      servers[address] = server
      return server
    }
  }
}

/// A server, which is left alone for a while when it fails.
final class CacheServer: Sendable {
  private let address: ServerAddress
  private let connections: ServerConnections
  private let breaker = CircuitBreaker(.server)
  private let logger: Logger

  init(address: ServerAddress, connections: ServerConnections, logger: Logger) {
    self.address = address
    self.connections = connections
    self.logger = logger
  }

  /// Whether it is left alone at present.
  var isAvoided: Bool { breaker.isOpen }

  /// Sends a request and waits for its answer.
  ///
  /// - Throws: `avoided` at once, when the server failed before.
  func exchange<Parser: ReplyParser>(
    _ request: ByteBuffer, _ parser: Parser, timeout: Duration
  ) async throws(WireFailure) -> Parser.Reply {
    guard let permit = breaker.permit() else { throw .avoided }
    do throws(WireFailure) {
      let reply = try await connections.exchange(request, parser, timeout: timeout)
      breaker.note(success: true, of: permit)
      return reply
    } catch {
      switch error {
      case .cancelled, .avoided: breaker.giveUp(permit)
      // A server that refuses answers quickly, and may not refuse the next request.
      case .server: breaker.note(success: true, of: permit)
      case .timeout, .network, .malformed:
        if breaker.note(success: false, of: permit) {
          logger.warning(
            "a cache server fails; it is left alone for a while",
            metadata: ["server": "\(address)", "reason": "\(error.text)"])
        }
      }
      throw error
    }
  }
}
