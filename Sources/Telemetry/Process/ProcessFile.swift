internal import Glibc

/// Small files of `/proc` and `/sys`, which have no size.
enum ProcessFile {
  /// All of the file as text; empty when it cannot be read.
  static func contents(of path: String) -> String {
    // SAFETY: the path is a valid C string and `read` writes at most the buffer's length.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
