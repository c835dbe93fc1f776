internal import Glibc
internal import TSDBBlock

/// The lines of a file or pipe, read a piece at a time.
///
///     │ told │ line │ next lines … │ read and no end in sight │ free │      one buffer
struct TextLines: ~Copyable {
  /// Stands for the standard input.
  static let standardInput = "-"
  /// What is longer is no text.
  private static let lineByteCountLimit = 16 << 20
  private static let pieceByteCount = 1 << 20

  private let path: String
  private let descriptor: CInt
  private var buffer = [UInt8](repeating: 0, count: TextLines.pieceByteCount)
  /// Read, and not told yet.
  private var unread = 0..<0
  private var current = 0..<0
  private var isAtEnd = false
  /// Of the line at hand, from 1.
  private(set) var number = 0
  /// Bytes read from the file.
  private(set) var readByteCount = 0
  /// Bytes of the file; nil where nobody can tell.
  let byteCount: Int?

  /// - Throws: ``ToolError`` when the file cannot be opened.
  init(path: String) throws(ToolError) {
    self.path = path
    if path == Self.standardInput {
      descriptor = STDIN_FILENO
      byteCount = nil
      return
    }
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    byteCount = fileByteCount(path)
  }

  /// How messages name the text.
  var name: String { path == Self.standardInput ? "standard input" : path }

  /// The line at hand, without its end.
  var line: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      unsafe _overrideLifetime(buffer.rawSpan.extracting(current), borrowing: self)
    }
  }

  /// Moves to the next line; false behind the last one.
  mutating func advance() throws(ToolError) -> Bool {
    while true {
      if let end = lineEnd() {
        current = unread.lowerBound..<end
        unread = end + 1..<unread.upperBound
        number += 1
        return true
      }
      if isAtEnd {
        current = unread
        unread = unread.upperBound..<unread.upperBound
        if !current.isEmpty { number += 1 }
        return !current.isEmpty
      }
      try read()
    }
  }

  private func lineEnd() -> Int? {
    // SAFETY: memchr reads the bytes of the range only, and returns a place among them.
    unsafe buffer.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, !unread.isEmpty,
        let end = unsafe memchr(start + unread.lowerBound, CInt(UInt8(ascii: "\n")), unread.count)
      else { return nil }
      return unsafe UnsafeRawPointer(end) - start
    }
  }

  /// Reads what there is behind the beginning of a line.
  private mutating func read() throws(ToolError) {
    guard unread.count < Self.lineByteCountLimit else {
      throw ToolError("\(name): line \(number + 1) is longer than 16 MiB; this is no text")
    }
    if unread.count == buffer.count {
      buffer.append(contentsOf: repeatElement(0, count: buffer.count))
    }
    let (from, count, file) = (unread, unread.count, descriptor)
    // SAFETY: both places lie in the buffer, and so does all that read may write.
    let got = unsafe buffer.withUnsafeMutableBytes { bytes -> Int in
      guard let start = bytes.baseAddress else { return 0 }
      unsafe memmove(start, start + from.lowerBound, count)
      while true {
        let got = unsafe Glibc.read(file, start + count, bytes.count - count)
        if got >= 0 || errno != EINTR { return got }
      }
    }
    guard got >= 0 else { throw Self.failure(name, errno) }
    isAtEnd = got == 0
    readByteCount += got
    unread = 0..<count + got
  }

  private static func failure(_ path: String, _ number: CInt) -> ToolError {
    ToolError("cannot read \(path): \(unsafe String(cString: strerror(number)))")
  }

  deinit {
    if descriptor != STDIN_FILENO { close(descriptor) }
  }
}
