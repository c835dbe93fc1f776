internal import Foundation
internal import Glibc

/// A TCP connection to a server on this machine, for clients that do what none should.
public final class RawConnection: Sendable {
  private let descriptor: CInt
  /// POLLRDHUP, which is hidden from Swift.
  private static let hungUp: Int16 = 0x2000

  public init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
    address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }

  public func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw POSIXError(.EPIPE) }
      sent += count
    }
  }

  /// Reads, and throws away what comes, until the server hangs up.
  ///
  /// - Returns: false when it has not after so many seconds.
  public func isClosed(within seconds: Int) async -> Bool {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [descriptor] in
        let deadline = ContinuousClock.now + .seconds(seconds)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while ContinuousClock.now < deadline {
          var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
          guard poll(&waiting, 1, 100) > 0 else { continue }
          if recv(descriptor, &buffer, buffer.count, 0) <= 0 {
            continuation.resume(returning: true)
            return
          }
        }
        continuation.resume(returning: false)
      }
    }
  }

  /// Whether the server hangs up on one who does not read.
  public func isAbandoned(within seconds: Int) async -> Bool {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [descriptor] in
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
          var waiting = pollfd(fd: descriptor, events: Self.hungUp, revents: 0)
          if poll(&waiting, 1, 100) > 0,
            waiting.revents & (Self.hungUp | Int16(POLLHUP) | Int16(POLLERR)) != 0
          {
            continuation.resume(returning: true)
            return
          }
        }
        continuation.resume(returning: false)
      }
    }
  }

  public func close() { Glibc.close(descriptor) }
}
