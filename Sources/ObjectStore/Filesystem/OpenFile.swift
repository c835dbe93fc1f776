internal import Glibc

/// An open file, closed when it goes out of scope.
struct OpenFile: ~Copyable {
  /// Largest step of a copy and largest single write.
  private static let stepByteCount = 1 << 20

  private let descriptor: CInt

  private init(_ path: String, flags: CInt) throws(SystemError) {
    // SAFETY: Swift passes the path as a C string that lives for the call.
    descriptor = unsafe open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .last }
  }

  init(reading path: String) throws(SystemError) {
    try self.init(path, flags: O_RDONLY)
  }

  /// Fails where the path leads to a symbolic link.
  init(readingNoLink path: String) throws(SystemError) {
    try self.init(path, flags: O_RDONLY | O_NOFOLLOW)
  }

  /// Makes a file that must not exist.
  init(creating path: String) throws(SystemError) {
    try self.init(path, flags: O_WRONLY | O_CREAT | O_EXCL)
  }

  /// Opens a file that exists, to write at its end.
  init(appendingTo path: String) throws(SystemError) {
    try self.init(path, flags: O_WRONLY | O_APPEND)
  }

  deinit {
    close(descriptor)
  }

  func status() throws(SystemError) -> SystemCalls.Status {
    var status = stat()
    // SAFETY: the kernel writes one stat.
    guard unsafe fstat(descriptor, &status) == 0 else { throw .last }
    return SystemCalls.Status(status)
  }

  func synchronize() throws(SystemError) {
    guard fsync(descriptor) == 0 else { throw .last }
  }

  /// Up to `count` bytes from `offset` on; fewer where the file ends.
  func bytes(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        // SAFETY: the call writes at most the rest of the buffer.
        let step = unsafe pread(
          descriptor, buffer.baseAddress.map { unsafe $0 + filled }, count - filled,
          off_t(offset + filled))
        if step < 0 {
          if errno == EINTR { continue }
          failure = .last
          return
        }
        guard step > 0 else { return }
        filled += step
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// What follows the bytes read so far; nothing at the end.
  func nextBytes() throws(SystemError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      // SAFETY: the call writes at most the buffer's length.
      let count = unsafe read(descriptor, &buffer, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw .last
      }
      return Array(buffer[..<count])
    }
  }

  func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
    var rest = bytes
    while !rest.isEmpty {
      // SAFETY: the call reads at most the bytes of the slice.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, min($0.count, Self.stepByteCount))
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw .last
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Appends all of `source`.
  func append(contentsOf source: borrowing OpenFile) throws(SystemError) {
    var copied = 0
    while true {
      let step = try source.bytes(at: copied, count: Self.stepByteCount)
      guard !step.isEmpty else { return }
      try write(step[...])
      copied += step.count
    }
  }
}
