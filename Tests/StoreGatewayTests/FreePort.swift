import Glibc

struct NoFreePort: Error {}

/// A port nobody listens on right now.
func freePort() throws -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard descriptor >= 0 else { throw NoFreePort() }
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = inet_addr("127.0.0.1")
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let port = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> Int? in
      guard bind(descriptor, pointer, length) == 0 else { return nil }
      return getsockname(descriptor, pointer, &length) == 0 ? 0 : nil
    }
  }
  guard port != nil else { throw NoFreePort() }
  return Int(UInt16(bigEndian: address.sin_port))
}
