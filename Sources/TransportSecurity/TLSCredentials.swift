public import Logging
public import NIOCore
internal import ObjectStore
internal import Synchronization

/// The certificates of a server, read again when their files change.
///
/// Each new connection gets the newest ones, and keeps them: those that are open are not disturbed.
/// Files that cannot be used are logged once, and what was read before stays.
public final class TLSCredentials: Sendable {
  private struct State {
    var settings: TLSSettings
    var files: [FileStamp]
    var tls: ServerTLS
    /// Why the files of now cannot be used.
    var failure: TLSError?
  }

  private let state: Mutex<State>
  private let logger: Logger
  // One thread: a change is read once, however many connections wait for it.
  private let executor: BlockingExecutor

  /// Reads the certificates for the first time.
  public init(_ settings: TLSSettings, logger: Logger) async throws(TLSError) {
    self.logger = logger
    executor = BlockingExecutor(threadLimit: 1)
    let state = try await onBlockingThread(executor: executor) { () throws(TLSError) in
      State(
        settings: settings, files: FileStamp.all(settings.files),
        tls: try TLSMaterial(settings).makeServerTLS())
    }
    self.state = Mutex(state)
  }

  /// For the next connection. Asks the file system for the times of the files.
  public func current() async -> ServerTLS {
    await onBlockingThread(executor: executor) {
      let settings = self.state.withLock { $0.settings }
      let files = FileStamp.all(settings.files)
      if self.state.withLock({ $0.files != files }) {
        try? self.read(settings, files)
      }
      return self.state.withLock { $0.tls }
    }
  }

  /// Reads the files again, changed or not.
  ///
  /// - Parameter settings: take the place of those from before; nil keeps them.
  public func reload(_ settings: TLSSettings? = nil) async throws(TLSError) {
    try await onBlockingThread(executor: executor) { () throws(TLSError) in
      let settings = settings ?? self.state.withLock { $0.settings }
      try self.read(settings, FileStamp.all(settings.files))
    }
  }

  /// Takes the settings, with what their files hold, if they differ from those of now.
  public func adopt(_ settings: TLSSettings) async throws(TLSError) {
    guard state.withLock({ $0.settings != settings }) else { return }
    try await reload(settings)
  }

  /// Puts the newest certificates on a connection before `next` adds anything to it.
  public func secure<Value: Sendable>(
    _ channel: any Channel,
    then next: @escaping @Sendable (any Channel) -> EventLoopFuture<Value>
  ) -> EventLoopFuture<Value> {
    channel.eventLoop.makeFutureWithTask { await self.current() }
      .flatMapThrowing { tls in try tls.install(on: channel) }
      .flatMap { next(channel) }
      .flatMapErrorThrowing { error in
        // Nobody else knows of a connection that was never set up.
        channel.close(promise: nil)
        throw error
      }
  }

  private func read(_ settings: TLSSettings, _ files: [FileStamp]) throws(TLSError) {
    do {
      let tls = try TLSMaterial(settings).makeServerTLS()
      state.withLock { $0 = State(settings: settings, files: files, tls: tls) }
      logger.info(
        "the certificate was read again", metadata: ["from": "\(settings.certificate.name)"])
    } catch {
      let isNew = state.withLock { state in
        defer {
          state.files = files
          state.failure = error
        }
        return state.failure != error
      }
      if isNew {
        logger.error(
          "cannot use the new certificate; new connections get the one from before",
          metadata: ["error": "\(error)"])
      }
      throw error
    }
  }
}

/// What tells that a file has changed.
package struct FileStamp: Equatable {
  private let size: Int?
  private let modifiedMilliseconds: Int64?

  private init(_ path: String) {
    let attributes = LocalFile.attributes(path)
    size = attributes?.size
    modifiedMilliseconds = attributes?.modifiedMilliseconds
  }

  /// Blocking.
  package static func all(_ paths: [String]) -> [FileStamp] { paths.map { FileStamp($0) } }
}
