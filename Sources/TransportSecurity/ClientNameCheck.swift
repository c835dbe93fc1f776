internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Hangs up on clients whose certificate carries none of the allowed names.
final class ClientNameCheck: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let allowed: Set<String>

  init(allowed: Set<String>) { self.allowed = allowed }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted? = event as? TLSUserEvent {
      let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
      guard let certificate, !Self.names(of: certificate).isDisjoint(with: allowed) else {
        context.close(promise: nil)
        return
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// Host names, addresses of mail and network, and URIs, as text.
  static func names(of certificate: NIOSSLCertificate) -> Set<String> {
    var names: Set<String> = []
    for name in certificate._subjectAlternativeNames() {
      let bytes = Array(name.contents)
      switch name.nameType {
      case .dnsName, .email, .uri: names.insert(String(decoding: bytes, as: UTF8.self))
      case .ipAddress:
        let address = try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0)
        if let text = address?.ipAddress { names.insert(text) }
      default: continue
      }
    }
    return names
  }
}
