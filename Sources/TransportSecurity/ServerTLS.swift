public import NIOCore
internal import NIOSSL

/// What secures one connection: certificates as they were when it began.
public struct ServerTLS: Sendable {
  let context: NIOSSLContext
  let verifies: Bool
  let allowedClientNames: Set<String>

  /// Puts what encrypts and decrypts in front of everything that is added to the channel later.
  /// On the channel's event loop.
  public func install(on channel: any Channel) throws {
    let pipeline = channel.pipeline.syncOperations
    if verifies {
      try pipeline.addHandler(NIOSSLServerHandler(context: context))
    } else {
      // Whoever signed a certificate that is asked for and not verified does not matter.
      try pipeline.addHandler(
        NIOSSLServerHandler(
          context: context,
          customVerificationCallback: { _, promise in promise.succeed(.certificateVerified) }))
    }
    if !allowedClientNames.isEmpty {
      try pipeline.addHandler(ClientNameCheck(allowed: allowedClientNames))
    }
  }
}
