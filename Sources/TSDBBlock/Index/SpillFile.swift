internal import Glibc

/// Bytes that wait on disk until they are read once, and that nobody else can see.
///
/// The file is made when the bytes outgrow the buffer, and loses its name at once: however the
/// process ends, nothing is left behind.
///
///     append … append …  ──►  buffer ──► file without a name  ──►  SpillReader, one per range
package final class SpillFile {
  private let path: String
  private let bufferByteCount: Int
  private var buffer: [UInt8] = []
  private var flushed = 0
  private var descriptor: CInt?

  /// - Parameter path: a name in the directory to write to, free for a moment.
  package init(path: String, bufferByteCount: Int = 1 << 18) {
    self.path = path
    self.bufferByteCount = bufferByteCount
  }

  /// Bytes appended so far.
  package var count: Int { flushed + buffer.count }

  /// Appends `bytes` and empties them.
  package func take(_ bytes: inout [UInt8]) throws(BlockError) {
    buffer.append(contentsOf: bytes)
    bytes.removeAll(keepingCapacity: true)
    if buffer.count >= bufferByteCount { try flush() }
  }

  private func flush() throws(BlockError) {
    let file = try openedFile()
    var full: [UInt8] = []
    swap(&full, &buffer)
    try writeFully(full.rawSpan, to: file, at: flushed, path)
    flushed += full.count
    full.removeAll(keepingCapacity: true)
    swap(&full, &buffer)
  }

  private func openedFile() throws(BlockError) -> CInt {
    if let descriptor { return descriptor }
    let file = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .unwritable(path, "create", errno) }
    descriptor = file
    guard unsafe unlink(path) == 0 else { throw .unwritable(path, "unlink", errno) }
    return file
  }

  /// Appends the bytes at `range`, which have been written, to `target`.
  package func read(_ range: Range<Int>, to target: inout [UInt8]) throws(BlockError) {
    let old = target.count
    target.append(contentsOf: repeatElement(0, count: range.count))
    var done = 0
    while let descriptor, range.lowerBound + done < min(range.upperBound, flushed) {
      let wanted = min(range.upperBound, flushed) - range.lowerBound - done
      let place = off_t(range.lowerBound + done)
      // SAFETY: the array holds `range.count` bytes behind `old`, of which `done` are filled.
      let got = unsafe target.withUnsafeMutableBytes { bytes in
        unsafe pread(descriptor, bytes.baseAddress?.advanced(by: old + done), wanted, place)
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { throw .unreadable(path, "read", got < 0 ? errno : EIO) }
      done += got
    }
    while done < range.count {
      target[old + done] = buffer[range.lowerBound + done - flushed]
      done += 1
    }
  }

  deinit {
    if let descriptor { close(descriptor) }
  }
}

/// Reads numbers from a range of a ``SpillFile``, from front to back.
struct SpillReader {
  private let file: SpillFile
  private let windowByteCount: Int
  private var unread: Range<Int>
  private var window: [UInt8] = []
  private var position = 0

  /// - Parameter windowByteCount: read at a time, at least 16.
  init(_ file: SpillFile, _ range: Range<Int>, windowByteCount: Int = 1 << 16) {
    self.file = file
    self.windowByteCount = windowByteCount
    unread = range
  }

  var isAtEnd: Bool { unread.isEmpty && position == window.count }

  @inline(__always)
  mutating func uvarint() throws(BlockError) -> UInt64 {
    // The longest number has ten bytes.
    if window.count &- position < 10 { try refill() }
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < window.count {
      let byte = window[position]
      position &+= 1
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return value }
      shift &+= 7
    }
    throw BlockError(.truncated, section: "postings", detail: "ends too early in the spill file")
  }

  @inline(never)
  private mutating func refill() throws(BlockError) {
    guard !unread.isEmpty else { return }
    window.removeSubrange(..<position)
    position = 0
    let end = min(unread.lowerBound + windowByteCount, unread.upperBound)
    try file.read(unread.lowerBound..<end, to: &window)
    unread = end..<unread.upperBound
  }
}
