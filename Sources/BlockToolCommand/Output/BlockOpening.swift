internal import TSDBBlock

/// Opens the block in a directory, for commands that cannot do anything without it.
///
/// - Throws: ``ToolError`` when there is none, ``BlockError`` when its head is damaged.
func openBlock(_ path: String) throws -> BlockReader {
  guard isDirectory(path) else {
    throw ToolError("\(path) is not a directory; name the directory of a block")
  }
  do throws(BlockError) {
    return try BlockReader(directory: path)
  } catch {
    throw unreadable(error)
  }
}

/// A file that cannot be read is no damage.
private func unreadable(_ error: BlockError) -> any Error {
  error.code == .missing || error.code == .unreadable ? ToolError("\(error)") : error
}

extension ToolContext {
  /// Tells of damage to the block at `path` that ends the command.
  func damaged(_ error: BlockError, in path: String) -> ToolStatus {
    remark("blocktool: \(path): \(error); see blocktool inspect \(path)")
    return .damaged
  }
}
