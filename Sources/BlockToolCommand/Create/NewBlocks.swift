internal import Glibc
internal import TSDBBlock

/// Where blocks wait until all of them are made, so that there are all or none.
///
///     DIRECTORY/<ULID>.tmp-for-creation/<ULID> …   ──►   DIRECTORY/<ULID> …
///
/// Made when it is needed; gone with the value, and when the program is told to stop.
final class NewBlocks {
  private let target: String
  private let staging: String
  private let leftover: Leftover
  private var isMade = false
  private var hasMadeTarget = false
  private var ids: [BlockID] = []

  init(in directory: String) {
    target = directory
    staging = "\(directory)/\(BlockID.make(now: currentMilliseconds())).tmp-for-creation"
    leftover = Leftover(staging)
  }

  /// The directory to write to.
  func directory() throws(ToolError) -> String {
    if isMade { return staging }
    hasMadeTarget = unsafe mkdir(target, 0o777) == 0
    let number = errno
    guard hasMadeTarget || isDirectory(target) else {
      throw ToolError("cannot make \(target): \(unsafe String(cString: strerror(number)))")
    }
    try ToolError.telling { () throws(BlockError) in try FileSystem.makeDirectory(staging) }
    isMade = true
    return staging
  }

  /// A block in ``directory()`` is whole.
  func add(_ id: BlockID) { ids.append(id) }

  /// Gives the blocks their places.
  func publish() throws(ToolError) {
    try ToolError.telling { () throws(BlockError) in
      for id in ids { try FileSystem.rename("\(staging)/\(id)", to: "\(target)/\(id)") }
      try FileSystem.synchronizeDirectory(target)
    }
    hasMadeTarget = false
  }

  deinit {
    FileSystem.removeTree(staging)
    // Fails where anything is in it.
    if hasMadeTarget { _ = unsafe rmdir(target) }
  }
}
