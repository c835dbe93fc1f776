public import Logging
internal import ObjectStore
internal import Synchronization
internal import TransportSecurity

/// What `--http.config` asks for, read again when the file or one that it names changes.
///
/// A document that cannot be used is logged once, and what was read before stays. Whether there is
/// TLS at all is decided at the start.
public final class WebSecurity: Sendable {
  /// Why a web configuration cannot be used, in one line.
  public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String
  }

  private struct State {
    var configuration: WebConfiguration
    var file: [FileStamp]
    var failure: Failure?
  }

  private let path: String
  private let mustKnowClients: Bool
  private let logger: Logger
  private let state: Mutex<State>
  private let executor: BlockingExecutor
  let passwords = PasswordCheck()
  /// Nil without TLS.
  let credentials: TLSCredentials?

  /// Reads the document, and the certificates that it names.
  ///
  /// - Parameter mustKnowClients: whether a document is of no use that gives answers without a
  ///   password or a certificate, also later.
  public init(
    path: String, mustKnowClients: Bool = false, logger: Logger
  ) async throws(Failure) {
    self.path = path
    self.mustKnowClients = mustKnowClients
    self.logger = logger
    executor = BlockingExecutor(threadLimit: 1)
    let (file, configuration) = try await onBlockingThread(executor: executor) {
      () throws(Failure) in
      (FileStamp.all([path]), try Self.read(path, mustKnowClients))
    }
    state = Mutex(State(configuration: configuration, file: file))
    do {
      credentials =
        if let tls = configuration.tls { try await TLSCredentials(tls, logger: logger) } else {
          nil
        }
    } catch {
      throw Failure(description: "\(error)")
    }
  }

  /// Whether nobody gets an answer without a password or a certificate.
  public var knowsItsClients: Bool {
    state.withLock { $0.configuration.knowsItsClients }
  }

  /// As the file has it now. Asks the file system for its time.
  func current() async -> WebConfiguration {
    await onBlockingThread(executor: executor) {
      let file = FileStamp.all([self.path])
      if self.state.withLock({ $0.file != file }) { try? self.read(file) }
      return self.state.withLock { $0.configuration }
    }
  }

  /// Reads the document and its certificates again, changed or not.
  public func reload() async throws {
    try await onBlockingThread(executor: executor) { () throws(Failure) in
      try self.read(FileStamp.all([self.path]))
    }
    if let credentials, let tls = await current().tls { try await credentials.reload(tls) }
  }

  /// The certificates for the next connection; nil without TLS.
  func currentCredentials() async -> TLSCredentials? {
    guard let credentials else { return nil }
    // One that cannot be used was logged, and the one from before is used.
    if let tls = await current().tls { try? await credentials.adopt(tls) }
    return credentials
  }

  private func read(_ file: [FileStamp]) throws(Failure) {
    do throws(Failure) {
      let configuration = try Self.read(path, mustKnowClients)
      guard (configuration.tls == nil) == (credentials == nil) else {
        throw Failure(
          description: "\(path): restart the program to turn TLS on or off")
      }
      state.withLock { $0 = State(configuration: configuration, file: file) }
    } catch {
      let isNew = state.withLock { state in
        defer { (state.file, state.failure) = (file, error) }
        return state.failure != error
      }
      if isNew {
        logger.error(
          "cannot use the new web configuration; the one from before stays",
          metadata: ["error": "\(error)"])
      }
      throw error
    }
  }

  private static func read(
    _ path: String, _ mustKnowClients: Bool
  ) throws(Failure) -> WebConfiguration {
    let text: String
    do {
      text = String(decoding: try LocalFile.bytes(path), as: UTF8.self)
    } catch {
      throw Failure(description: "cannot read \(path): \(error.detail)")
    }
    let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let configuration: WebConfiguration
    do {
      configuration = try WebConfiguration.parse(yaml: text, directory: directory)
    } catch {
      throw Failure(description: "\(path): \(error)")
    }
    guard !mustKnowClients || configuration.knowsItsClients else {
      throw Failure(
        description: "\(path): has neither passwords nor client certificates, which "
          + "--enable-admin-operations needs")
    }
    return configuration
  }
}
