internal import NIOCore
internal import NIOSSL
internal import ObjectStore
internal import Synchronization
internal import TransportSecurity

/// Makes connections to Redis that are ready for commands: encrypted, authenticated, with the
/// database chosen.
final class RedisConnector: Sendable {
  private let configuration: RedisConfiguration
  private let context = Mutex<NIOSSLContext?>(nil)

  init(_ configuration: RedisConfiguration) { self.configuration = configuration }

  /// - Parameter isSentinel: sentinels have no databases, and passwords of their own.
  func connect(
    to address: ServerAddress, isSentinel: Bool = false
  ) async throws(WireFailure) -> Connection {
    let prepare = try await encryption(to: address)
    let connection = try await Connection.open(
      address, timeout: configuration.connectTimeout, prepare: prepare)
    guard !isSentinel else { return connection }
    var greetings: [[String]] = []
    if !configuration.password.isEmpty {
      let user = configuration.user
      greetings.append(["AUTH"] + (user.isEmpty ? [] : [user]) + [configuration.password])
    }
    if configuration.database != 0 { greetings.append(["SELECT", "\(configuration.database)"]) }
    guard !greetings.isEmpty else { return connection }
    var request = ByteBuffer()
    for words in greetings { RedisCommand.append(words, to: &request) }
    do throws(WireFailure) {
      let replies = try await connection.exchange(
        request, RedisReplies(count: greetings.count), timeout: configuration.readTimeout)
      for case .error(let words) in replies { throw WireFailure.server(saying: words) }
    } catch {
      connection.close()
      throw error
    }
    return connection
  }

  private func encryption(
    to address: ServerAddress
  ) async throws(WireFailure) -> @Sendable (any Channel) throws -> Void {
    guard let security = configuration.security else { return { _ in } }
    let context = try await context(security)
    let name = security.serverName.isEmpty ? address.host : security.serverName
    return { channel in
      // An IP address cannot be named to the server; its certificate is compared with it anyway.
      let named = try? NIOSSLClientHandler(context: context, serverHostname: name)
      let handler = try named ?? NIOSSLClientHandler(context: context, serverHostname: nil)
      try channel.pipeline.syncOperations.addHandler(handler)
    }
  }

  private func context(_ security: ClientTLS) async throws(WireFailure) -> NIOSSLContext {
    if let known = context.withLock({ $0 }) { return known }
    do throws(ConfigurationError) {
      let made = try await onBlockingThread { () throws(ConfigurationError) in
        try security.context()
      }
      context.withLock { $0 = made }
      return made
    } catch {
      throw .network(error.detail)
    }
  }
}
