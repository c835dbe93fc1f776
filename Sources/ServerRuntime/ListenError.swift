internal import Glibc
internal import NIOCore

/// Why a server cannot listen, in one line that names the flag to change.
public struct ListenError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  /// - Parameters:
  ///   - flag: The flag the address came from, with its dashes.
  ///   - error: What the attempt to bind threw.
  public init(address: ListenAddress, flag: String, error: any Error) {
    description = "cannot listen on \(address) (\(flag)): \(Self.reason(error))"
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case let error as IOError: reason(error.errnoCode)
    case is SocketAddressError: "the host is not known; give an address of this machine"
    default: String(describing: error).split(separator: "\n").joined(separator: " ")
    }
  }

  private static func reason(_ number: CInt) -> String {
    switch number {
    case EADDRINUSE: "address already in use; stop the other process or choose another port"
    case EADDRNOTAVAIL: "no such address on this machine; give one of its own, or 0.0.0.0"
    case EACCES: "permission denied; choose a port above 1023"
    // SAFETY: strerror returns a valid C string for every number.
    default: unsafe String(cString: strerror(number)).lowercased()
    }
  }
}
