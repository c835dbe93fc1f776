internal import Foundation
internal import Synchronization

/// A program while it runs, its output in files.
public final class RunningProgram: @unchecked Sendable {
  // Only `run` and `terminate` are called on the process; both may be called from any thread.
  private let process = Process()
  private let scratch: String

  /// Starts a program of this package, `store-gateway`, `compact` or `blocktool`.
  ///
  /// - Parameter wrapper: A program and arguments to start it with, such as `setpriv`.
  public convenience init(
    _ name: String, _ arguments: [String], environment: [String: String] = [:],
    wrapper: [String] = []
  ) throws {
    let words = wrapper + [try builtProgram(name)] + arguments
    try self.init(path: words[0], Array(words.dropFirst()), environment: environment)
  }

  /// Starts any program by its absolute path.
  ///
  /// - Parameter environment: variables beside those of this process.
  public init(path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    scratch = try makeTemporaryDirectory()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = try Self.file(scratch + "/out")
    process.standardError = try Self.file(scratch + "/err")
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  public var processIdentifier: Int32 { process.processIdentifier }

  public var isRunning: Bool { process.isRunning }

  public var output: String { text("/out") }
  public var errors: String { text("/err") }

  public func send(signal: Int32) {
    if process.isRunning { kill(process.processIdentifier, signal) }
  }

  /// The exit status, or the negated number of the signal that ended it: of SIGKILL, after a
  /// minute, so that a program that hangs fails one test and does not hold up all.
  public func waitForExit() async -> Int32 {
    let deadline = ContinuousClock.now + .seconds(60)
    while process.isRunning {
      if ContinuousClock.now > deadline { send(signal: SIGKILL) }
      try? await Task.sleep(for: .milliseconds(10))
    }
    process.waitUntilExit()
    return process.terminationReason == .exit
      ? process.terminationStatus : -process.terminationStatus
  }

  /// Waits until `condition` holds.
  ///
  /// - Throws: ``ProcessError`` when the program ends before, or after half a minute.
  public func wait(until condition: () async -> Bool) async throws {
    for _ in 0..<600 {
      if await condition() { return }
      guard process.isRunning else { break }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw ProcessError(
      status: process.isRunning ? -1 : process.terminationStatus, message: output + errors)
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(atPath: scratch)
  }

  private func text(_ name: String) -> String {
    String(decoding: FileManager.default.contents(atPath: scratch + name) ?? Data(), as: UTF8.self)
  }

  private static func file(_ path: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }
}

/// The path of a program of this package, built beside the tests.
public func builtProgram(_ name: String) throws -> String {
  let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  let path = (own as NSString).deletingLastPathComponent + "/" + name
  guard FileManager.default.isExecutableFile(atPath: path) else {
    throw ProcessError(status: -1, message: "\(path) is not built")
  }
  return path
}

/// A port of this machine that nobody listens on.
public func freePort() throws -> Int {
  for _ in 0..<ports.count {
    let port = ports.lowerBound + nextPort.wrappingAdd(1, ordering: .relaxed).oldValue % ports.count
    if isFree(port) { return port }
  }
  throw POSIXError(.EADDRINUSE)
}

/// Below those that the system gives to connections, which could take one before its server does.
private let ports = 12_000..<32_000
/// Where this process begins to look, so that two of them seldom meet.
private let nextPort = Atomic(Int(getpid()) * 331)

private func isFree(_ port: Int) -> Bool {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  return withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
}

/// Where the package lies.
public let packageRoot: String = {
  var path = #filePath as NSString
  for _ in 0..<3 { path = path.deletingLastPathComponent as NSString }
  return path as String
}()
