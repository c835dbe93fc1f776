internal import Logging
internal import NIOCore

/// Finds out which servers there are, and does so again when they refuse or fail.
///
///     master_name given      a sentinel tells the server
///     otherwise              CLUSTER SLOTS; a server that has none is the server
final class RedisDirectory: Sendable {
  private let remembered: Remembered<RedisTopology>

  init(_ configuration: RedisConfiguration, connector: RedisConnector, logger: Logger) {
    let survey = RedisSurvey(configuration: configuration, connector: connector, logger: logger)
    // Whoever asks first may wait as long as for an answer, and no longer.
    let patience = min(configuration.readTimeout, configuration.connectTimeout)
    remembered = Remembered(.init(lifetime: nil, patience: patience)) { await survey.topology() }
  }

  /// The servers as they are known; nil when none answers.
  func topology() async -> RedisTopology? { await remembered.current() }

  /// Says that a server does not have what it should: somebody looks again soon.
  func doubt() { remembered.doubt() }
}

/// Asks the addresses of the configuration, one after the other.
private struct RedisSurvey: Sendable {
  let configuration: RedisConfiguration
  let connector: RedisConnector
  let logger: Logger

  func topology() async -> RedisTopology? {
    var reason = "no address"
    for address in configuration.addresses {
      do throws(WireFailure) {
        return try await ask(address)
      } catch {
        reason = "\(address): \(error.text)"
      }
    }
    logger.warning("no Redis server answers; it is done without", metadata: ["reason": "\(reason)"])
    return nil
  }

  private func ask(_ address: ServerAddress) async throws(WireFailure) -> RedisTopology {
    if let name = configuration.masterName { return .single(try await master(name, address)) }
    let connection = try await connector.connect(to: address)
    defer { connection.close() }
    let reply = try await self.reply(to: ["CLUSTER", "SLOTS"], over: connection)
    return RedisTopology.cluster(reply, from: address) ?? .single(address)
  }

  private func master(
    _ name: String, _ sentinel: ServerAddress
  ) async throws(WireFailure) -> ServerAddress {
    let connection = try await connector.connect(to: sentinel, isSentinel: true)
    defer { connection.close() }
    let reply = try await self.reply(
      to: ["SENTINEL", "get-master-addr-by-name", name], over: connection)
    if case .error(let words) = reply { throw .server(saying: words) }
    guard let parts = reply.elements, parts.count == 2, let host = parts[0].string, !host.isEmpty,
      let port = parts[1].content.flatMap({ decimal($0) }), (1...65_535).contains(port)
    else { throw .malformed("the sentinel knows no master of this name") }
    return ServerAddress(host: host, port: port)
  }

  private func reply(
    to words: [String], over connection: Connection
  ) async throws(WireFailure) -> RESPValue {
    var request = ByteBuffer()
    RedisCommand.append(words, to: &request)
    let replies = try await connection.exchange(
      request, RedisReplies(count: 1), timeout: configuration.readTimeout)
    return replies[0]
  }
}
