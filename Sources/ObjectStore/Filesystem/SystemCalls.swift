internal import Glibc

/// A failed system call.
struct SystemError: Error {
  let number: CInt

  /// The error of the call just made by this thread.
  static var last: SystemError { SystemError(number: errno) }

  static var isDirectory: SystemError { SystemError(number: EISDIR) }

  var message: String {
    // SAFETY: strerror returns a valid C string for every number.
    unsafe String(cString: strerror(number)).lowercased()
  }
}

/// The system calls on paths that ``FilesystemBucket`` is made of.
///
/// SAFETY, for all of them: Swift passes a String as a C string that lives for the call, and
/// structures are written by the kernel to their own size only.
enum SystemCalls {
  struct Status {
    let kind: Kind
    let size: Int
    let modifiedMilliseconds: Int64

    enum Kind { case file, directory, other }

    init(_ status: stat) {
      kind =
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .directory
        default: .other
        }
      size = Int(status.st_size)
      modifiedMilliseconds =
        Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    }
  }

  /// Follows symbolic links.
  static func status(_ path: String) throws(SystemError) -> Status {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw .last }
    return Status(status)
  }

  /// Describes a symbolic link itself.
  static func linkStatus(_ path: String) throws(SystemError) -> Status {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { throw .last }
    return Status(status)
  }

  static func makeDirectory(_ path: String) throws(SystemError) {
    guard unsafe mkdir(path, 0o777) == 0 else { throw .last }
  }

  static func removeDirectory(_ path: String) throws(SystemError) {
    guard unsafe rmdir(path) == 0 else { throw .last }
  }

  static func rename(_ path: String, to target: String) throws(SystemError) {
    guard unsafe Glibc.rename(path, target) == 0 else { throw .last }
  }

  /// Makes `target` another name of the file, and of the file behind a symbolic link.
  static func link(_ path: String, as target: String) throws(SystemError) {
    guard unsafe linkat(AT_FDCWD, path, AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 else {
      throw .last
    }
  }

  static func unlink(_ path: String) throws(SystemError) {
    guard unsafe Glibc.unlink(path) == 0 else { throw .last }
  }

  static func makeFile(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
    try OpenFile(creating: path).write(bytes[...])
  }

  static func setModified(_ path: String, milliseconds: Int64) throws(SystemError) {
    var (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    if rest < 0 { (seconds, rest) = (seconds - 1, rest + 1000) }
    let time = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest) * 1_000_000)
    guard unsafe utimensat(AT_FDCWD, path, [time, time], 0) == 0 else { throw .last }
  }

  static func currentDirectory() throws(SystemError) -> String {
    // SAFETY: with no buffer the call allocates one, which is ours to free.
    guard let path = unsafe getcwd(nil, 0) else { throw .last }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  /// The names in a directory in no order, without `.`, `..` and those that are not UTF-8, until
  /// `visit` returns false.
  static func forEachName(
    inDirectory path: String, _ visit: (String) throws(SystemError) -> Bool
  ) throws(SystemError) {
    // SAFETY: the stream is closed on every path, and an entry is used before the next call.
    guard let directory = unsafe opendir(path) else { throw .last }
    defer { unsafe closedir(directory) }
    while true {
      errno = 0
      guard let entry = unsafe readdir(directory) else {
        guard errno == 0 else { throw .last }
        return
      }
      // SAFETY: d_name ends with NUL inside the entry, whose real length may exceed the type's.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(validatingCString: $0)
        }
      }
      guard let name, name != ".", name != ".." else { continue }
      guard try visit(name) else { return }
    }
  }
}
