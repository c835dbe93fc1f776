internal import Glibc

/// A directory of this process in memory, which goes with it.
struct MemoryDirectory {
  let path: String

  private nonisolated(unsafe) static var made: [(path: String, files: [String])] = []

  /// - Parameters:
  ///   - name: Tells it from others of the process.
  ///   - folders: Directories in it, outer ones first.
  ///   - files: What may be in it at the end.
  init(_ name: String = #fileID, folders: [String] = [], files: [String]) {
    let name = name.split(separator: "/").last ?? ""
    path = "/dev/shm/block-fuzz-\(getpid())-\(name)"
    mkdir(path, 0o700)
    for folder in folders { mkdir("\(path)/\(folder)", 0o700) }
    if Self.made.isEmpty { atexit { MemoryDirectory.removeAll() } }
    Self.made.append((path, files + folders.reversed()))
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Replaces a file.
  func write(_ bytes: [UInt8], to name: String) {
    let descriptor = open(file(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(descriptor) }
    let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard written == bytes.count else { fatalError("cannot write \(file(name))") }
  }

  private static func removeAll() {
    for (path, names) in made {
      for name in names { remove("\(path)/\(name)") }
      rmdir(path)
    }
  }
}
