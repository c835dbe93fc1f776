internal import Foundation

/// Stands between a client and a server on this machine: counts requests of HTTP, and cuts
/// connections.
///
/// The same seed cuts the same connections, counted in the order they are opened, after the same
/// number of bytes.
public final class TCPProxy: Sendable {
  private struct State {
    var random: SeededRandom
    /// Of a connection to be cut somewhere.
    var probability: Double
    var requests: [String] = []
    var cuts = 0
    var isStopped = false
  }

  public let port: Int
  private let target: Int
  private let listener: Int32
  private let state: Locked<State>
  /// Bytes of answers after which a connection is cut, at most.
  private static let longestPiece = 200_000

  /// - Parameters:
  ///   - target: the server's port.
  ///   - cutting: how many of the connections are cut, from 0 to 1.
  public init(to target: Int, cutting probability: Double = 0, seed: UInt64 = 1) throws {
    self.target = target
    state = Locked(State(random: SeededRandom(seed: seed), probability: probability))
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 128) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isListening else { throw POSIXError(.EADDRINUSE) }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in acceptConnections() }
  }

  /// First lines of the requests that came, such as `GET /bucket/name`.
  public var requests: [String] { state.withLock { $0.requests } }

  public var cuts: Int { state.withLock { $0.cuts } }

  public func reset() { state.withLock { $0.requests = [] } }

  public func set(cutting probability: Double) {
    state.withLock { $0.probability = probability }
  }

  public func stop() {
    state.withLock { $0.isStopped = true }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private func acceptConnections() {
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0, !state.withLock({ $0.isStopped }) else { break }
      guard let server = connected(to: target) else {
        close(client)
        continue
      }
      let limit = state.withLock { state -> Int? in
        let isCut = Double.random(in: 0..<1, using: &state.random) < state.probability
        return isCut ? Int.random(in: 1...Self.longestPiece, using: &state.random) : nil
      }
      let pair = Pair(client: client, server: server)
      Thread.detachNewThread { [self] in
        var reader = RequestReader()
        pump(from: client, to: server, limit: nil) { bytes in
          let found = reader.read(bytes)
          if !found.isEmpty { state.withLock { $0.requests += found } }
        }
        shutdown(server, Int32(SHUT_WR))
        pair.leave()
      }
      Thread.detachNewThread { [self] in
        if pump(from: server, to: client, limit: limit, { _ in }) {
          state.withLock { $0.cuts += 1 }
          shutdown(server, Int32(SHUT_RDWR))
          shutdown(client, Int32(SHUT_RDWR))
        } else {
          shutdown(client, Int32(SHUT_WR))
        }
        pair.leave()
      }
    }
    close(listener)
  }

  /// Copies until one side ends; true when `limit` bytes were copied before.
  @discardableResult
  private func pump(
    from source: Int32, to target: Int32, limit: Int?, _ body: (ArraySlice<UInt8>) -> Void
  ) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var copied = 0
    while true {
      let count = recv(source, &buffer, buffer.count, 0)
      guard count > 0 else { return false }
      let wanted = limit.map { min(count, $0 - copied) } ?? count
      body(buffer[..<wanted])
      var sent = 0
      while sent < wanted {
        let step = buffer[sent..<wanted].withUnsafeBytes {
          send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard step > 0 else { return false }
        sent += step
      }
      copied += wanted
      if let limit, copied >= limit { return true }
    }
  }

  /// Two sockets, closed by the second of two threads that leaves.
  private final class Pair: Sendable {
    private let client: Int32
    private let server: Int32
    private let left = Locked(0)

    init(client: Int32, server: Int32) {
      self.client = client
      self.server = server
    }

    func leave() {
      let isLast = left.withLock { count in
        count += 1
        return count == 2
      }
      if isLast {
        close(client)
        close(server)
      }
    }
  }
}

/// Finds the first lines of requests in what a client sends over one connection.
private struct RequestReader {
  private var head: [UInt8] = []
  private var bodyRest = 0

  mutating func read(_ bytes: ArraySlice<UInt8>) -> [String] {
    var found: [String] = []
    var rest = bytes
    while !rest.isEmpty {
      if bodyRest > 0 {
        let count = min(bodyRest, rest.count)
        bodyRest -= count
        rest = rest.dropFirst(count)
        continue
      }
      guard let byte = rest.popFirst() else { break }
      head.append(byte)
      guard byte == UInt8(ascii: "\n"), head.suffix(4).elementsEqual("\r\n\r\n".utf8) else {
        continue
      }
      let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
      found.append(lines[0].split(separator: " ").prefix(2).joined(separator: " "))
      bodyRest =
        lines.first { $0.lowercased().hasPrefix("content-length:") }
        .flatMap { Int($0.dropFirst("content-length:".count).filter { $0 != " " }) } ?? 0
      head = []
    }
    return found
  }
}

private func loopback(_ port: Int) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
  address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
  return address
}

private func connected(to port: Int) -> Int32? {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = loopback(port)
  let status = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard status == 0 else {
    close(descriptor)
    return nil
  }
  return descriptor
}
