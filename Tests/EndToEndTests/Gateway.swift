import Foundation
import TestSupport

/// A running `store-gateway` over the demo blocks.
struct Gateway {
  let program: RunningProgram
  let client: StoreClient
  let httpPort: Int

  /// Starts it over the blocks in `directory` and waits until it is ready.
  ///
  /// - Parameters:
  ///   - bucket: YAML of the bucket; the directory if not given.
  ///   - flags: more of them.
  ///   - wrapper: see ``RunningProgram``.
  static func start(
    _ directory: String, bucket: String? = nil, dataDirectory: String? = nil,
    flags: [String] = [],
    environment: [String: String] = [:], wrapper: [String] = []
  ) async throws -> Gateway {
    let (grpcPort, httpPort) = (try freePort(), try freePort())
    let program = try RunningProgram(
      "store-gateway",
      [
        "store", "--data-dir=\(dataDirectory ?? directory + "-data")",
        "--objstore.config=\(bucket ?? "{type: FILESYSTEM, config: {directory: \(directory)}}")",
        "--grpc-address=127.0.0.1:\(grpcPort)", "--http-address=127.0.0.1:\(httpPort)",
      ] + flags, environment: environment, wrapper: wrapper)
    try await program.wait {
      (try? await httpRequest(port: httpPort, "/-/ready").status) == 200
    }
    return Gateway(program: program, client: StoreClient(port: grpcPort), httpPort: httpPort)
  }

  /// Stops it as a service manager does, and gives its exit status.
  func stop() async -> Int32 {
    program.send(signal: SIGTERM)
    return await program.waitForExit()
  }

  func openDescriptors() throws -> Int {
    try FileManager.default.contentsOfDirectory(
      atPath: "/proc/\(program.processIdentifier)/fd"
    ).count
  }
}

/// Runs `body` with a gateway over a fresh copy of the demo blocks, and stops it.
func withGateway(_ body: (Gateway, String) async throws -> Void) async throws {
  try await withTemporaryDirectory { directory in
    let bucket = directory + "/bucket"
    try DemoBlocks.large.get().copy(to: bucket)
    let gateway = try await Gateway.start(bucket)
    try await body(gateway, bucket)
    _ = await gateway.stop()
  }
}
