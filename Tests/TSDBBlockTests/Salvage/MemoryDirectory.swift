import Foundation
import TestSupport

/// Runs `body` with the path of a fresh directory in memory, where there is such a place: a block
/// that is synced to a disk takes ten times as long to write.
func withMemoryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let memory = "/dev/shm"
  guard FileManager.default.isWritableFile(atPath: memory) else {
    return try withTemporaryDirectory(body)
  }
  let path = "\(memory)/blockhouse-\(UUID().uuidString.lowercased())"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}
