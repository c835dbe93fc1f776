internal import Glibc

/// The few file operations a block needs, with errors that say what could not be done.
package enum FileSystem {
  /// Names in a directory, unsorted, without `.` and `..`; empty when it does not exist.
  package static func names(in directory: String) throws(BlockError) -> [String] {
    guard let handle = unsafe opendir(directory) else {
      let number = errno
      if number == ENOENT { return [] }
      throw .unreadable(directory, "list", number)
    }
    defer { unsafe closedir(handle) }
    var names: [String] = []
    // SAFETY: the entry is valid until the next readdir; its name ends with a zero.
    while let entry = unsafe readdir(handle) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
        unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  package static func makeDirectory(_ path: String) throws(BlockError) {
    guard unsafe mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .unwritable(path, "make the directory", errno)
    }
  }

  package static func rename(_ from: String, to: String) throws(BlockError) {
    guard unsafe Glibc.rename(from, to) == 0 else {
      throw .unwritable(to, "rename to", errno)
    }
  }

  /// Makes renames and new names in a directory survive a power cut.
  package static func synchronizeDirectory(_ path: String) throws(BlockError) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unwritable(path, "open the directory", errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .unwritable(path, "sync the directory", errno) }
  }

  /// Removes a file, or a directory with all it holds; nothing happens when it does not exist.
  package static func removeTree(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in (try? names(in: path)) ?? [] { removeTree(path + "/" + name) }
      _ = unsafe rmdir(path)
    } else {
      _ = unsafe unlink(path)
    }
  }

  /// Bytes of a regular file, nil for anything else.
  static func fileSize(_ path: String) -> Int? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// Whether `path` is a symbolic link, to whatever.
  static func isLink(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  package static func exists(_ path: String) -> Bool {
    unsafe access(path, F_OK) == 0
  }

  /// Makes a directory and those above it that are missing.
  package static func makeDirectories(_ path: String) throws(BlockError) {
    if exists(path) || path.isEmpty { return }
    if let slash = path.lastIndex(of: "/") { try makeDirectories(String(path[..<slash])) }
    try makeDirectory(path)
  }

  /// Appends to a file, which is made when it does not exist. Not synced.
  package static func append(_ bytes: [UInt8], to path: String) throws(BlockError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .unwritable(path, "open", errno) }
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
      // SAFETY: write reads within the buffer: `done` is at most its count.
      let written = unsafe bytes[done...].withUnsafeBytes { source in
        unsafe write(descriptor, source.baseAddress, source.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw .unwritable(path, "write", errno) }
      done += written
    }
  }

  /// The absolute path without symbolic links. Parts that do not exist stay as they are.
  package static func resolved(_ path: String) -> String {
    guard let real = unsafe realpath(path, nil) else {
      guard path != ".", !path.isEmpty else { return path }
      guard let slash = path.lastIndex(of: "/") else { return "\(resolved("."))/\(path)" }
      let parent = resolved(slash == path.startIndex ? "/" : String(path[..<slash]))
      return (parent == "/" ? "" : parent) + path[slash...]
    }
    defer { unsafe free(real) }
    // SAFETY: realpath returns a string that ends with a zero, freed above after the copy.
    return unsafe String(cString: real)
  }
}
