internal import Foundation
internal import TestSupport
internal import Testing

/// The real program, told to stop.
@Suite struct `Interruptions` {
  private static let signals = [SIGINT, SIGTERM]
  /// Whatever this process ignores or its threads block.
  private let wrapper = ["/usr/bin/env", "--default-signal=INT,TERM,CHLD"]

  private func names(_ directory: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
  }

  /// A text of one sample in each of so many blocks.
  private func text(blocks: Int, in directory: String) throws -> String {
    let path = directory + "/metrics.om"
    let lines = (0..<blocks).map { "up 1 \($0 * 7200 + 100)\n" }
    try Data((lines.joined() + "# EOF\n").utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test(arguments: signals)
  func `the copy of a remote block goes away`(number: Int32) async throws {
    try await withTemporaryDirectory { directory in
      // Takes connections and never says anything.
      let silent = try SilentListener()
      let configuration =
        "{type: S3, config: {bucket: b, endpoint: '127.0.0.1:\(silent.port)', insecure: true, "
        + "access_key: a, secret_key: b}}"
      let scratch = directory + "/scratch"
      let program = try RunningProgram(
        "blocktool",
        [
          "inspect", "01HRHZ2KZ8H174NHP7YJ73AGKH", "--objstore.config", configuration, "--tmp.dir",
          scratch,
        ], wrapper: wrapper)
      try await program.wait { names(scratch).count == 1 }
      program.send(signal: number)
      #expect(await program.waitForExit() == -number)
      #expect(names(scratch).isEmpty)
      #expect(program.errors.isEmpty)
    }
  }

  /// How many blocks are made and wait for the others.
  private func waitingCount(_ output: String) -> Int {
    names(output).first { $0.hasSuffix(".tmp-for-creation") }.map { names("\(output)/\($0)").count }
      ?? 0
  }

  @Test(arguments: signals)
  func `blocks that are not all made go away`(number: Int32) async throws {
    try await withTemporaryDirectory { directory in
      let output = directory + "/blocks"
      let program = try RunningProgram(
        "blocktool", ["create", try text(blocks: 30_000, in: directory), "-o", output],
        wrapper: wrapper)
      try await onOwnThread {
        try waitOnThread { waitingCount(output) > 3 }
        program.send(signal: number)
      }
      #expect(await program.waitForExit() == -number)
      #expect(names(output).isEmpty)
      #expect(program.output.isEmpty)
      #expect(program.errors.isEmpty)
    }
  }

  @Test func `a shell sees 143, and what it made ignore Ctrl-C goes on at that`() async throws {
    try await withTemporaryDirectory { directory in
      let output = directory + "/blocks"
      let program = try RunningProgram(
        "blocktool", ["create", try text(blocks: 30_000, in: directory), "-o", output],
        wrapper: wrapper + [
          "/bin/sh", "-c", "trap '' INT; \"$@\" & echo $!; wait $!; echo $?", "sh",
        ])
      try await onOwnThread {
        try waitOnThread { program.output.hasSuffix("\n") && waitingCount(output) > 3 }
        let process = try #require(Int32(program.output.dropLast()))
        kill(process, SIGINT)
        let count = waitingCount(output)
        try waitOnThread { waitingCount(output) > count + 3 }
        kill(process, SIGTERM)
      }
      #expect(await program.waitForExit() == 0)
      #expect(program.output.hasSuffix("\n143\n"))
      #expect(names(output).isEmpty)
    }
  }
}

/// A port that accepts connections and never answers.
private final class SilentListener {
  let port: Int
  private let descriptor: Int32

  init() throws {
    port = try freePort()
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    // SAFETY: the address is as long as is said, and lives during the call.
    let isBound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isBound, listen(descriptor, 16) == 0 else { throw POSIXError(.EADDRINUSE) }
  }

  deinit { close(descriptor) }
}
