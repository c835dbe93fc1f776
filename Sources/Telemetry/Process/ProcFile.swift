internal import Glibc

/// A file below `/proc`, which has no length before it is read.
enum ProcFile {
  /// All of the file; "" when it cannot be read. Answered from memory of the kernel: does not wait.
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

  /// The names in a directory, without those that begin with a dot.
  static func names(in path: String) -> [String] {
    // SAFETY: the directory is closed on every path; an entry is copied before the next is read.
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(
          to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)
        ) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  /// `Name:   123 kB` lines as bytes, by name.
  static func kilobytes(in text: String) -> [Substring: Int] {
    var values: [Substring: Int] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard let name = words.first, name.hasSuffix(":"), words.count == 3, words[2] == "kB",
        let number = Int(words[1])
      else { continue }
      values[name.dropLast()] = number.multipliedReportingOverflow(by: 1024).partialValue
    }
    return values
  }
}
