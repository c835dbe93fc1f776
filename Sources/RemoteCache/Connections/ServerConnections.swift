internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The connections to one server: those that nobody uses wait to be used again.
///
/// How many there are at once is bounded by whoever asks: gates bound how many ask.
final class ServerConnections: Sendable {
  /// Makes a connection that is ready for requests.
  typealias Connect = @Sendable () async throws(WireFailure) -> Connection

  private let connect: Connect
  private let maximumIdle: Int
  private let idle = Mutex<[Connection]>([])

  init(maximumIdle: Int, connect: @escaping Connect) {
    self.maximumIdle = maximumIdle
    self.connect = connect
  }

  deinit {
    for connection in idle.withLock({ $0 }) { connection.close() }
  }

  /// Sends a request and waits for its answer.
  ///
  /// A request that met a connection which the server had closed meanwhile is sent once more, over
  /// a new one.
  func exchange<Parser: ReplyParser>(
    _ request: ByteBuffer, _ parser: Parser, timeout: Duration
  ) async throws(WireFailure) -> Parser.Reply {
    if let connection = takeIdle() {
      do throws(WireFailure) {
        return try await exchange(over: connection, request, parser, timeout)
      } catch {
        guard case .network = error else { throw error }
      }
    }
    return try await exchange(over: connect(), request, parser, timeout)
  }

  private func exchange<Parser: ReplyParser>(
    over connection: Connection, _ request: ByteBuffer, _ parser: Parser, _ timeout: Duration
  ) async throws(WireFailure) -> Parser.Reply {
    let reply = try await connection.exchange(request, parser, timeout: timeout)
    keep(connection)
    return reply
  }

  private func takeIdle() -> Connection? {
    idle.withLock { idle in
      while let connection = idle.popLast() {
        if connection.isOpen { return connection }
      }
      return nil
    }
  }

  private func keep(_ connection: Connection) {
    guard connection.isOpen else { return }
    let isKept = idle.withLock { idle in
      // Those that the server closed would otherwise lie at the bottom for ever.
      if idle.count >= maximumIdle { idle.removeAll { !$0.isOpen } }
      guard idle.count < maximumIdle else { return false }
      idle.append(connection)
      return true
    }
    if !isKept { connection.close() }
  }
}

extension Connection {
  /// Connects to a server.
  ///
  /// - Parameter prepare: adds what stands between the socket and the exchanges, such as TLS.
  static func open(
    _ address: ServerAddress, timeout: Duration,
    prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in }
  ) async throws(WireFailure) -> Connection {
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(TimeAmount(timeout))
      .channelOption(.tcpOption(.tcp_nodelay), value: address.isPath ? 0 : 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try prepare(channel)
          try channel.pipeline.syncOperations.addHandler(ExchangeHandler())
        }
      }
    do {
      let channel =
        if address.isPath {
          try await bootstrap.connect(unixDomainSocketPath: address.host).get()
        } else {
          try await bootstrap.connect(host: address.host, port: address.port).get()
        }
      return Connection(channel: channel)
    } catch ChannelError.connectTimeout {
      throw .timeout
    } catch {
      throw .network("cannot connect to \(address)")
    }
  }
}
