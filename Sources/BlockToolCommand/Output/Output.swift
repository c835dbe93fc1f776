internal import Glibc

/// The reader of the output went away; nothing is left to do.
struct OutputClosed: Error {}

/// Text on its way to a file descriptor, or kept in memory.
final class Output {
  private let descriptor: Int32?
  private var buffer: [UInt8] = []
  private static let flushByteCount = 1 << 16

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Keeps everything; see ``text``.
  init() { descriptor = nil }

  /// What has not been flushed: everything, when there is no descriptor.
  var text: String { String(decoding: buffer, as: UTF8.self) }

  /// Writes the parts one behind the other.
  func write(_ text: String...) throws {
    for part in text { buffer.append(contentsOf: part.utf8) }
    try flushIfFull()
  }

  func write(_ bytes: [UInt8]) throws {
    buffer += bytes
    try flushIfFull()
  }

  private func flushIfFull() throws {
    if buffer.count >= Self.flushByteCount { try flush() }
  }

  /// - Throws: ``OutputClosed`` when nobody reads any more, ``ToolError`` for other failures.
  func flush() throws {
    guard let descriptor else { return }
    var start = 0
    while start < buffer.count {
      // SAFETY: the pointer is valid for the bytes from `start` to the end of the buffer.
      let written = unsafe buffer.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start)
      }
      if written < 0 {
        if errno == EINTR { continue }
        if errno == EPIPE { throw OutputClosed() }
        throw ToolError("cannot write the output: \(unsafe String(cString: strerror(errno)))")
      }
      start += written
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// Writes a line to standard error.
func writeError(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  // SAFETY: the pointer is valid for all bytes. What cannot be said on standard error is not said.
  _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
