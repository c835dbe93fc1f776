import NIOCore
import NIOPosix
import Synchronization

/// A server in this process that answers each piece it receives as a test says.
final class ScriptedServer: Sendable {
  /// What to do with a piece that came.
  enum Answer: Sendable {
    case bytes([UInt8])
    /// Sends the bytes and closes the connection.
    case last([UInt8])
    case nothing
  }

  private let channel: any Channel
  let received = Mutex<[String]>([])

  var port: Int { channel.localAddress?.port ?? 0 }
  var address: String { "127.0.0.1:\(port)" }

  /// Pieces that came, over all connections.
  var count: Int { received.withLock { $0.count } }

  private init(_ channel: any Channel) { self.channel = channel }

  deinit { channel.close(promise: nil) }

  static func start(_ answer: @escaping @Sendable (String) -> Answer) async throws -> ScriptedServer
  {
    let holder = Holder()
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            AnsweringHandler { text in
              holder.note(text)
              return answer(text)
            })
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let server = ScriptedServer(channel)
    holder.set(server)
    return server
  }

  /// Always the same bytes.
  static func saying(_ text: String, closes: Bool = false) async throws -> ScriptedServer {
    try await start { _ in closes ? .last(Array(text.utf8)) : .bytes(Array(text.utf8)) }
  }
}

private final class Holder: Sendable {
  private struct Weak: Sendable { weak var server: ScriptedServer? }
  private let weak = Mutex(Weak(server: nil))

  func set(_ server: ScriptedServer) { weak.withLock { $0.server = server } }

  func note(_ text: String) {
    weak.withLock { $0.server }?.received.withLock { $0.append(text) }
  }
}

private final class AnsweringHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let answer: @Sendable (String) -> ScriptedServer.Answer

  init(_ answer: @escaping @Sendable (String) -> ScriptedServer.Answer) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let received = unwrapInboundIn(data)
    switch answer(String(buffer: received)) {
    case .nothing: return
    case .bytes(let bytes):
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    case .last(let bytes):
      let context = NIOLoopBound(context, eventLoop: context.eventLoop)
      context.value.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes))).whenComplete { _ in
        context.value.close(promise: nil)
      }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
