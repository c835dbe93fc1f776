internal import Glibc

/// The kernel's queue of changes in directories.
///
///     int wd │ uint32 mask │ uint32 cookie │ uint32 length │ name, NUL padded      each event
///
/// Numbers are in the machine's byte order. A queue that is full drops what follows and says so in
/// an event of its own, whose directory is -1.
final class InotifyQueue: Sendable {
  struct Event {
    /// The number that ``add(_:)`` gave to the directory.
    var directory: CInt
    var mask: UInt32
    /// The entry; empty when the directory itself is meant.
    var name: String
  }

  /// A new, replaced or rewritten entry, one that is gone, and the end of the directory itself. An
  /// entry made as a second name of a file is only ever created, never closed.
  private static let interest =
    UInt32(IN_CREATE) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM)
    | UInt32(IN_DELETE) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)

  private let descriptor: CInt
  /// A pipe, read end first: a byte in it ends a wait.
  private let wakeDescriptors: (CInt, CInt)

  init() throws(SystemError) {
    let descriptor = inotify_init1(CInt(O_CLOEXEC | O_NONBLOCK))
    guard descriptor >= 0 else { throw .last }
    var ends: [CInt] = [-1, -1]
    // SAFETY: the call writes two descriptors.
    guard unsafe pipe(&ends) == 0 else {
      let error = SystemError.last
      close(descriptor)
      throw error
    }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    self.descriptor = descriptor
    wakeDescriptors = (ends[0], ends[1])
  }

  deinit {
    close(descriptor)
    close(wakeDescriptors.0)
    close(wakeDescriptors.1)
  }

  /// Asks for changes in a directory; the same directory gets the same number again.
  func add(_ path: String) throws(SystemError) -> CInt {
    // SAFETY: Swift passes the path as a C string that lives for the call.
    let number = unsafe inotify_add_watch(descriptor, path, Self.interest)
    guard number >= 0 else { throw .last }
    return number
  }

  /// Fails harmlessly when the directory is gone: its watch went with it.
  func remove(_ number: CInt) {
    inotify_rm_watch(descriptor, number)
  }

  /// Ends the wait that goes on, or the next one.
  func wake() {
    var byte: UInt8 = 1
    // SAFETY: one byte is read. A full pipe wakes as well, so the result does not matter.
    _ = unsafe write(wakeDescriptors.1, &byte, 1)
  }

  /// Waits until there are events, somebody calls ``wake()``, or the time is over. Blocking.
  ///
  /// - Parameter milliseconds: -1 waits for ever.
  func wait(milliseconds: CInt) {
    var descriptors = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wakeDescriptors.0, events: Int16(POLLIN), revents: 0),
    ]
    // SAFETY: the call writes to as many structures as it is told of. An interrupted wait is a
    // short one.
    _ = unsafe poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    var bytes = [UInt8](repeating: 0, count: 64)
    // SAFETY: the call writes at most the buffer's length.
    while unsafe read(wakeDescriptors.0, &bytes, bytes.count) == bytes.count {}
  }

  /// What happened since the last call; returns at once.
  func events() -> [Event] {
    var events: [Event] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      // SAFETY: the call writes at most the buffer's length.
      let count = unsafe read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return events }
      Self.parse(buffer[..<count], into: &events)
    }
  }

  private static func parse(_ bytes: ArraySlice<UInt8>, into events: inout [Event]) {
    let headByteCount = 16
    var rest = bytes
    while rest.count >= headByteCount {
      let length = Int(number(in: rest, at: 12))
      guard length <= rest.count - headByteCount else { return }
      let name = rest.dropFirst(headByteCount).prefix(length).prefix { $0 != 0 }
      events.append(
        Event(
          directory: CInt(bitPattern: number(in: rest, at: 0)), mask: number(in: rest, at: 4),
          name: String(decoding: name, as: UTF8.self)))
      rest = rest.dropFirst(headByteCount + length)
    }
  }

  private static func number(in bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
    let start = bytes.startIndex + offset
    // SAFETY: the caller has made sure of the four bytes; an unaligned load needs no more.
    return unsafe bytes[start..<start + 4].withUnsafeBytes {
      unsafe $0.loadUnaligned(as: UInt32.self)
    }
  }
}
