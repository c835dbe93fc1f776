internal import CBlockIO
internal import Glibc

/// Owns bytes: a read-only mapping of a whole file, or a buffer on the heap.
///
/// Immutable after `init`, shared freely between tasks, released with the last reference. Code
/// reads through ``bytes``; whoever must keep bytes beyond a function keeps a ``ByteSlice``.
///
/// A mapped file that shrinks under the mapping reads as zeros behind its new end (see
/// `block_io.h`), so the damage surfaces as a checksum error and never as a signal.
@safe public final class ByteStorage: @unchecked Sendable {
  // SAFETY: `base` is valid for `count` bytes from init to deinit and never written in between,
  // which is also what makes the class sendable.
  private let base: UnsafeRawPointer
  /// Bytes.
  public let count: Int
  private let isMapped: Bool

  /// Maps the file at `path` read-only.
  ///
  /// - Parameter followsLinks: Whether `path` may be a symbolic link; the directories above it may.
  /// - Throws: ``BlockError`` with the code `unreadable` when the file cannot be opened, is not a
  ///   regular file, or cannot be mapped.
  /// - Complexity: O(1); pages are read when touched.
  public init(mapping path: String, followsLinks: Bool = true) throws(BlockError) {
    block_io_install_truncation_guard()
    let flags = O_RDONLY | O_CLOEXEC | (followsLinks ? 0 : O_NOFOLLOW)
    let descriptor = unsafe open(path, flags)
    guard descriptor >= 0 else { throw .unreadable(path, "open", errno) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(path, "stat", errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw BlockError(.unreadable, path: path, detail: "is not a regular file")
    }
    count = Int(status.st_size)
    guard count > 0 else {
      // A mapping of no bytes does not exist; one byte of heap stands for it.
      unsafe base = UnsafeRawPointer(.allocate(byteCount: 1, alignment: 8))
      isMapped = false
      return
    }
    let address = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0)
    guard let address = unsafe address, unsafe address != MAP_FAILED else {
      throw .unreadable(path, "map", errno)
    }
    unsafe base = UnsafeRawPointer(address)
    isMapped = true
  }

  /// Copies `bytes` to the heap.
  public init(copying bytes: RawSpan) {
    let buffer = UnsafeMutableRawPointer.allocate(
      byteCount: max(bytes.byteCount, 1), alignment: 16)
    // SAFETY: the buffer was just made with room for all of `bytes`.
    unsafe bytes.withUnsafeBytes { source in
      guard let address = source.baseAddress else { return }
      unsafe buffer.copyMemory(from: address, byteCount: source.count)
    }
    unsafe base = UnsafeRawPointer(buffer)
    count = bytes.byteCount
    isMapped = false
  }

  /// Copies `bytes` to the heap.
  public convenience init(_ bytes: [UInt8]) {
    self.init(copying: bytes.rawSpan)
  }

  /// All bytes.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // SAFETY: see `base`; the span cannot outlive the borrow of self.
      unsafe _overrideLifetime(
        RawSpan(_unsafeStart: base, byteCount: count), borrowing: self)
    }
  }

  /// Tells the kernel how the mapping will be read. Does nothing for heap memory.
  public func advise(_ advice: Advice) {
    guard isMapped else { return }
    let flag: CInt =
      switch advice {
      case .sequential: Int32(MADV_SEQUENTIAL)
      case .random: Int32(MADV_RANDOM)
      case .normal: Int32(MADV_NORMAL)
      case .dontNeed: Int32(MADV_DONTNEED)
      }
    // SAFETY: the range is exactly our mapping, which is read-only: no advice can change it.
    _ = unsafe madvise(UnsafeMutableRawPointer(mutating: base), count, flag)
  }

  /// How a mapped file is going to be read, as `madvise` knows it.
  public enum Advice: Sendable {
    /// No particular way.
    case normal
    /// From the beginning to the end.
    case sequential
    /// Here and there: reading ahead is useless.
    case random
    /// Not soon: its pages may go.
    case dontNeed
  }

  deinit {
    // SAFETY: nothing can hold `base` any more; spans and slices keep the storage alive.
    if isMapped {
      unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
    } else {
      unsafe base.deallocate()
    }
  }
}
