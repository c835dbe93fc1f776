internal import Foundation
internal import Synchronization

/// What a finished program left behind.
public struct ProcessResult: Sendable {
  public var status: Int32
  public var output: [UInt8]
  public var errors: [UInt8]

  public var outputText: String { String(decoding: output, as: UTF8.self) }
  public var errorText: String { String(decoding: errors, as: UTF8.self) }

  /// Itself, or an error with the program's own words.
  public func requireSuccess() throws -> ProcessResult {
    guard status == 0 else { throw ProcessError(status: status, message: errorText) }
    return self
  }
}

public struct ProcessError: Error, CustomStringConvertible {
  public var status: Int32
  public var message: String

  public init(status: Int32, message: String) {
    self.status = status
    self.message = message
  }

  public var description: String { "exit status \(status): \(message)" }
}

/// Runs a program found in `PATH` (or named by a path) to its end.
public func runProcess(
  _ program: String, _ arguments: [String], in directory: String? = nil,
  environment: [String: String] = [:]
) throws -> ProcessResult {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program.contains("/") ? program : "/usr/bin/env")
  process.arguments = program.contains("/") ? arguments : [program] + arguments
  if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  // Files and not pipes: a program that fills a pipe nobody reads would wait for ever.
  let scratch = try makeTemporaryDirectory()
  defer { try? FileManager.default.removeItem(atPath: scratch) }
  let output = try scratchFile(scratch + "/out")
  let errors = try scratchFile(scratch + "/err")
  process.standardOutput = output
  process.standardError = errors
  process.standardInput = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  return ProcessResult(
    status: process.terminationStatus,
    output: try contents(of: scratch + "/out"), errors: try contents(of: scratch + "/err"))
}

/// Not with `Data(contentsOf:)`, which loses a page of memory for an empty file.
private func contents(of path: String) throws -> [UInt8] {
  let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
  defer { try? file.close() }
  return Array(try file.readToEnd() ?? Data())
}

private func scratchFile(_ path: String) throws -> FileHandle {
  _ = FileManager.default.createFile(atPath: path, contents: nil)
  return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
}
