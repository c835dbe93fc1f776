import Foundation
import TestSupport
import Testing

/// What a person typed or configured wrongly is answered by one line that says what to do.
@Suite(.serialized) struct BadInputTests {
  private func bucket(_ directory: String) -> String {
    "--objstore.config={type: FILESYSTEM, config: {directory: \(directory)}}"
  }

  /// Runs a program to its end; `wait` keeps `compact` from being done before it listens.
  private func run(
    _ program: String, _ arguments: [String], wrapper: [String] = []
  ) async throws -> (status: Int32, errors: String) {
    let running = try RunningProgram(program, arguments, wrapper: wrapper)
    let status = await running.waitForExit()
    return (status, running.errors)
  }

  @Test(arguments: ["store-gateway", "compact"])
  func `an unknown flag is named with the nearest known one`(program: String) async throws {
    let (status, errors) = try await run(program, ["--log.levle=debug"])
    #expect(status == 1)
    #expect(errors == "\(program): unknown flag --log.levle; did you mean --log.level?\n")
  }

  @Test(arguments: ["store-gateway", "compact"])
  func `a mistyped key in YAML is named with its line`(program: String) async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/bucket.yml"
      try Data("type: FILESYSTEM\nconfig:\n  directroy: /x\n".utf8)
        .write(to: URL(fileURLWithPath: path))
      let (status, errors) = try await run(
        program, ["--data-dir=\(directory)/data", "--objstore.config-file=\(path)"])
      #expect(status == 1)
      #expect(
        errors == "\(program): --objstore.config-file \(path): line 3: unknown key \"directroy\" "
          + "in config; did you mean \"directory\"?\n")
    }
  }

  @Test(arguments: [
    ("store-gateway", "--http-address", ["--grpc-address=127.0.0.1:0"]),
    ("store-gateway", "--grpc-address", ["--http-address=127.0.0.1:0"]),
    ("compact", "--http-address", ["--wait"]),
  ])
  func `a port in use is named with its flag`(
    program: String, flag: String, more: [String]
  ) async throws {
    try await withGateway { gateway, directory in
      let (status, errors) = try await run(
        program,
        [
          "--data-dir=\(directory)-other", bucket(directory), "--log.level=error",
          "\(flag)=127.0.0.1:\(gateway.httpPort)",
        ] + more)
      #expect(status == 1)
      #expect(
        errors == "\(program): cannot listen on 127.0.0.1:\(gateway.httpPort) (\(flag)): address "
          + "already in use; stop the other process or choose another port\n")
    }
  }

  @Test(arguments: ["store-gateway", "compact"])
  func `an unreadable directory is named`(program: String) async throws {
    try await withTemporaryDirectory { directory in
      let locked = directory + "/locked"
      try FileManager.default.createDirectory(
        atPath: locked, withIntermediateDirectories: false)
      chmod(directory, 0o755)
      chmod(locked, 0)
      // Root reads everything, so the program runs as somebody else.
      let wrapper =
        geteuid() == 0
        ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
      let (status, errors) = try await run(
        program,
        [
          "--data-dir=/tmp/blockhouse-nobody", bucket(locked), "--log.level=error",
          "--http-address=127.0.0.1:0",
        ] + (program == "compact" ? [] : ["--grpc-address=127.0.0.1:0"]), wrapper: wrapper)
      chmod(locked, 0o700)
      #expect(status == 1)
      let line = errors.split(separator: "\n").last ?? ""
      #expect(line.contains("cannot list \(locked): permission denied"), "\(errors)")
    }
  }

  @Test(arguments: ["store-gateway", "compact"])
  func `help and version go to standard output`(program: String) async throws {
    for (flag, words) in [("--help", "--objstore.config-file"), ("--version", "0.1.0")] {
      let running = try RunningProgram(program, [flag])
      #expect(await running.waitForExit() == 0)
      #expect(running.output.contains(words))
      #expect(running.errors == "")
    }
  }
}
