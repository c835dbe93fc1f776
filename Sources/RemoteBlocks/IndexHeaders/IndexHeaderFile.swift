internal import Glibc
internal import TSDBBlock

/// The file that keeps the index-header of one block: `<data-dir>/<ULID>/index-header`.
///
///     index-header.tmp ─► fsync ─► rename ─► index-header ─► fsync of the directory
struct IndexHeaderFile: Sendable {
  /// `<data-dir>/<ULID>`.
  let directory: String

  var path: String { directory + "/index-header" }
  private var temporaryPath: String { path + ".tmp" }

  /// What tells whether a file is still the one that was verified.
  struct Identity: Equatable, Sendable {
    let device: UInt64
    let inode: UInt64
    let byteCount: Int
    let seconds: Int
    let nanoseconds: Int
  }

  /// Nil when there is no such file.
  var identity: Identity? {
    var status = stat()
    // SAFETY: the kernel writes one stat.
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Identity(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
      byteCount: Int(status.st_size), seconds: Int(status.st_mtim.tv_sec),
      nanoseconds: Int(status.st_mtim.tv_nsec))
  }

  /// Maps the file. Blocking.
  func map() throws(BlockError) -> ByteSlice {
    ByteSlice(try ByteStorage(mapping: path))
  }

  /// Begins to write the file. Blocking.
  func makeWriter() throws(BlockError) -> Writer {
    try FileSystem.makeDirectories(directory)
    return try Writer(temporaryPath)
  }

  /// Puts what was written in the file's place, durably. Blocking.
  func publish(_ writer: Writer) throws(BlockError) {
    try writer.synchronize()
    try FileSystem.rename(temporaryPath, to: path)
    writer.isPublished = true
    try FileSystem.synchronizeDirectory(directory)
  }

  /// Removes the directory with all it holds. Blocking.
  func remove() { FileSystem.removeTree(directory) }

  /// A file that nobody else sees before it is published; removed when it never is.
  final class Writer: @unchecked Sendable {
    // SAFETY: `isPublished` is set by the one task that publishes, and read when nobody else holds
    // the object any more. Writing is what the system allows from several threads.
    private let path: String
    private let descriptor: CInt
    fileprivate var isPublished = false

    fileprivate init(_ path: String) throws(BlockError) {
      self.path = path
      descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw Self.failure(path, "create", errno) }
    }

    /// Writes bytes at a place of the file. Blocking.
    func write(_ bytes: [UInt8], at offset: Int) throws(BlockError) {
      var done = 0
      while done < bytes.count {
        // SAFETY: pwrite reads the rest of the array only.
        let count = unsafe bytes[done...].withUnsafeBytes { rest in
          unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw Self.failure(path, "write", errno) }
        done += count
      }
    }

    fileprivate func synchronize() throws(BlockError) {
      guard fsync(descriptor) == 0 else { throw Self.failure(path, "sync", errno) }
    }

    private static func failure(_ path: String, _ verb: String, _ number: CInt) -> BlockError {
      // SAFETY: strerror returns a valid C string for every number.
      let reason = unsafe String(cString: strerror(number)).lowercased()
      return BlockError(.unwritable, path: path, detail: "cannot \(verb): \(reason)")
    }

    deinit {
      close(descriptor)
      if !isPublished { _ = unsafe unlink(path) }
    }
  }
}
