internal import Glibc

/// Whether `path` leads to a directory.
func isDirectory(_ path: String) -> Bool {
  var status = stat()
  // SAFETY: the call reads a C string and fills the status.
  return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Names in a directory, sorted by bytes.
func namesInDirectory(_ path: String) throws -> [String] {
  guard let handle = unsafe opendir(path) else {
    throw ToolError("cannot list \(path): \(unsafe String(cString: strerror(errno)))")
  }
  defer { unsafe closedir(handle) }
  var names: [String] = []
  // SAFETY: the entry is valid until the next call; its name ends with a zero.
  while let entry = unsafe readdir(handle) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
      unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
}

/// Bytes of the regular file at `path`, nil when there is none.
func fileByteCount(_ path: String) -> Int? {
  var status = stat()
  // SAFETY: the call reads a C string and fills the status.
  guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
  return Int(status.st_size)
}
