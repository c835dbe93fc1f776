internal import Foundation

/// Runs `body` with the path of a fresh directory that is removed afterwards.
public func withTemporaryDirectory<Result>(
  _ body: (String) throws -> Result
) throws -> Result {
  let path = try makeTemporaryDirectory()
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

/// Runs `body` with the path of a fresh directory that is removed afterwards.
public func withTemporaryDirectory<Result>(
  isolation: isolated (any Actor)? = #isolation,
  _ body: (String) async throws -> Result
) async throws -> Result {
  let path = try makeTemporaryDirectory()
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}

/// A fresh directory; the caller removes it.
public func makeTemporaryDirectory() throws -> String {
  let path =
    FileManager.default.temporaryDirectory.path + "/blockhouse-" + UUID().uuidString.lowercased()
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  return path
}

private let doomedDirectories = Locked<[String]>([])

/// Removes the directory when the process ends.
public func removeAtExit(_ path: String) {
  let isFirst = doomedDirectories.withLock { paths in
    paths.append(path)
    return paths.count == 1
  }
  guard isFirst else { return }
  atexit {
    for path in doomedDirectories.withLock({ $0 }) {
      try? FileManager.default.removeItem(atPath: path)
    }
  }
}
