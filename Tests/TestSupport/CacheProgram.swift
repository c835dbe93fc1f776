internal import Foundation

/// A real memcached or Redis on a free port of this machine, until it is released.
public final class CacheProgram: Sendable {
  public let port: Int
  private let program: RunningProgram

  /// Where it listens, as configurations write it.
  public var address: String { "127.0.0.1:\(port)" }

  private init(port: Int, _ program: RunningProgram) {
    self.port = port
    self.program = program
  }

  deinit { program.send(signal: SIGKILL) }

  /// - Parameter port: of one that ran before; nil for a free one.
  public static func memcached(
    port: Int? = nil, _ arguments: [String] = []
  ) async throws -> CacheProgram {
    try await start("/usr/bin/memcached", port: port) { port in
      ["-l", "127.0.0.1", "-p", "\(port)", "-U", "0", "-m", "64", "-u", "nobody"] + arguments
    }
  }

  public static func redis(
    port: Int? = nil, _ arguments: [String] = []
  ) async throws -> CacheProgram {
    try await start("/usr/bin/redis-server", port: port) { port in
      ["--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--dir", "/tmp"] + arguments
    }
  }

  public func kill() async {
    program.send(signal: SIGKILL)
    _ = await program.waitForExit()
  }

  /// Stops it without ending it: connections stay, and nobody answers.
  public func freeze() { program.send(signal: SIGSTOP) }

  public func thaw() { program.send(signal: SIGCONT) }

  private static func start(
    _ path: String, port wanted: Int?, _ arguments: (Int) -> [String]
  ) async throws -> CacheProgram {
    // Somebody else may take a free port before the program does.
    for attempt in 0... {
      let port = try wanted ?? freePort()
      let program = try RunningProgram(path: path, arguments(port))
      do {
        try await program.wait { isListening(port) }
        return CacheProgram(port: port, program)
      } catch {
        if attempt == 3 || wanted != nil { throw error }
      }
    }
    throw POSIXError(.EADDRINUSE)
  }
}

/// Whether somebody accepts connections to a port of this machine.
public func isListening(_ port: Int) -> Bool {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(port).bigEndian
  address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
}
