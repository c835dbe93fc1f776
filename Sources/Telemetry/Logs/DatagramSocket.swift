internal import Glibc

/// Sends messages to a Unix datagram socket, such as those of the journal and of service managers.
///
/// Never waits: a message that cannot be taken at once is lost.
public struct DatagramSocket: Sendable {
  private let descriptor: CInt
  private let path: [UInt8]

  /// Nil when `path` is no usable address, or there are no descriptors left.
  ///
  /// - Parameter path: of a file, or behind an `@` a name in the abstract namespace.
  public init?(path: String) {
    let bytes = Array(path.utf8)
    guard let first = bytes.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"),
      bytes.count > 1, bytes.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path),
      !bytes.contains(0)
    else { return nil }
    let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
    self.path = bytes
  }

  /// Returns whether the message was taken. The descriptor stays open for the life of the process.
  @discardableResult
  public func send(_ message: [UInt8]) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // SAFETY: `init` has checked that the path and a terminating zero fit.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
      unsafe field.copyBytes(from: path)
      if path[0] == UInt8(ascii: "@") { unsafe field[0] = 0 }
    }
    let headerLength = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path)
    // An abstract name ends with the address, that of a file with a zero.
    let length = headerLength + path.count + (path[0] == UInt8(ascii: "@") ? 0 : 1)
    let flags = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
    // SAFETY: message and address are valid for the call with the lengths given.
    let sent = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe sendto(descriptor, message, message.count, flags, address, socklen_t(length))
      }
    }
    return sent == message.count
  }
}
