internal import Glibc

/// A file that grows at its end: buffered, written behind, its position known, synced before it is
/// closed.
final class AppendOnlyFile {
  let path: String
  private let descriptor: CInt
  private var buffer: [UInt8] = []
  private var flushed = 0
  private var isOpen = true
  private let behind: WriteBehind

  private static let bufferByteCount = 1 << 20

  /// Makes the file; one that exists is emptied.
  init(path: String) throws(BlockError) {
    self.path = path
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    // At once: making anything else may change errno.
    guard descriptor >= 0 else { throw .unwritable(path, "create", errno) }
    behind = WriteBehind(descriptor, path: path)
    buffer.reserveCapacity(Self.bufferByteCount + 4096)
  }

  /// Bytes appended so far.
  var position: Int { flushed + buffer.count }

  func append(_ bytes: RawSpan) throws(BlockError) {
    if bytes.byteCount >= Self.bufferByteCount {
      try flush()
      try writeFully(bytes, to: descriptor, at: flushed, path)
      flushed += bytes.byteCount
      behind.startWriteback(upTo: flushed)
      return
    }
    buffer.append(bytes)
    if buffer.count >= Self.bufferByteCount { try handOver() }
  }

  func append(_ bytes: [UInt8]) throws(BlockError) {
    try append(bytes.rawSpan)
  }

  /// Appends what `body` adds to the buffer, a few bytes.
  @inline(__always)
  func appendFew(_ body: (inout [UInt8]) -> Void) throws(BlockError) {
    body(&buffer)
    if buffer.count >= Self.bufferByteCount { try handOver() }
  }

  /// Appends zeros up to the next multiple of `alignment`.
  func pad(to alignment: Int) throws(BlockError) {
    for _ in 0..<IndexFormat.padding(at: position, to: alignment) { buffer.append(0) }
  }

  /// Replaces bytes that were written before.
  func overwrite(_ bytes: [UInt8], at offset: Int) throws(BlockError) {
    try flush()
    try writeFully(bytes.rawSpan, to: descriptor, at: offset, path)
  }

  /// Has the full buffer written while the next one fills.
  @inline(never)
  private func handOver() throws(BlockError) {
    let count = buffer.count
    try behind.write(&buffer, at: flushed)
    flushed += count
    if buffer.capacity == 0 { buffer.reserveCapacity(Self.bufferByteCount + 4096) }
  }

  /// Writes out what was appended.
  func flush() throws(BlockError) {
    try behind.finish()
    guard !buffer.isEmpty else { return }
    var full: [UInt8] = []
    swap(&full, &buffer)
    try writeFully(full.rawSpan, to: descriptor, at: flushed, path)
    flushed += full.count
    full.removeAll(keepingCapacity: true)
    swap(&full, &buffer)
    behind.startWriteback(upTo: flushed)
  }

  /// Writes out, syncs and closes.
  func finish() throws(BlockError) {
    try flush()
    guard fsync(descriptor) == 0 else { throw .unwritable(path, "sync", errno) }
    isOpen = false
    guard close(descriptor) == 0 else { throw .unwritable(path, "close", errno) }
  }

  deinit {
    guard isOpen else { return }
    behind.wait()
    close(descriptor)
  }
}

/// Writes all of `bytes` at a place in a file.
func writeFully(
  _ bytes: RawSpan, to descriptor: CInt, at offset: Int, _ path: String
) throws(BlockError) {
  var done = 0
  while done < bytes.byteCount {
    let rest = bytes.extracting(done..<bytes.byteCount)
    // SAFETY: pwrite reads exactly the bytes of the span.
    let written = unsafe rest.withUnsafeBytes { source in
      unsafe pwrite(descriptor, source.baseAddress, source.count, off_t(offset + done))
    }
    if written < 0 {
      if errno == EINTR { continue }
      throw .unwritable(path, "write", errno)
    }
    done += written
  }
}
