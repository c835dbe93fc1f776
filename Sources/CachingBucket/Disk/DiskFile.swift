internal import Glibc

/// A file that is read and written at places. All calls block.
final class DiskFile: Sendable {
  /// Why a call failed: the number of the system.
  struct Failure: Error, Equatable {
    let number: Int32
  }

  private let descriptor: Int32

  /// Opens a file for reading and writing, and makes it when it is not there.
  init(path: String) throws(Failure) {
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Failure(number: errno) }
  }

  deinit { close(descriptor) }

  var byteCount: Int {
    var status = stat()
    // SAFETY: the call writes one status.
    guard unsafe fstat(descriptor, &status) == 0 else { return 0 }
    return Int(status.st_size)
  }

  /// What is there of some bytes.
  func read(at offset: Int, count: Int) throws(Failure) -> [UInt8] {
    var failure: Int32 = 0
    // SAFETY: the calls write at most what the buffer has left.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      written = 0
      while written < count {
        let rest = unsafe UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[written..<count])
        let got = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + written))
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        guard got > 0 else { return }
        written += got
      }
    }
    guard failure == 0 else { throw Failure(number: failure) }
    return bytes
  }

  func write(_ bytes: [UInt8], at offset: Int) throws(Failure) {
    var written = 0
    while written < bytes.count {
      // SAFETY: the call reads what the array has from `written` on.
      let count = unsafe bytes.withUnsafeBytes { buffer in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
        return unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + written))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Failure(number: count < 0 ? errno : EIO) }
      written += count
    }
  }

  func cut(to byteCount: Int) throws(Failure) {
    guard ftruncate(descriptor, off_t(byteCount)) == 0 else { throw Failure(number: errno) }
  }

  /// Keeps others from the file while this process has it open.
  ///
  /// - Returns: whether nobody else had it.
  func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
}

/// A directory of the cache's files. All calls block.
enum DiskDirectory {
  static func make(_ path: String) -> Bool {
    if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return true }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex,
      make(String(path[..<slash]))
    else { return false }
    return unsafe mkdir(path, 0o700) == 0 || errno == EEXIST
  }

  static func remove(_ path: String) { _ = unsafe unlink(path) }

  /// Names of files, in any order.
  static func names(in path: String) -> [String] {
    guard let directory = unsafe opendir(path) else { return [] }
    // SAFETY: the directory is open until here; an entry is used before the next is read.
    defer { _ = unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}

extension DiskDirectory {
  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
