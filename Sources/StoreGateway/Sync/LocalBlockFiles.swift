internal import ObjectStore
internal import TSDBBlock

/// What a gateway keeps of a remote block: `<data directory>/<ULID>`.
struct LocalBlockFiles: Sendable {
  /// Of these one alone makes a directory a block and not a copy of parts of one.
  private static let signsOfABlock = ["index", "chunks"]

  let dataDirectory: String

  /// Removes the files of all blocks that are not among `ids`.
  ///
  /// Mapped files stay readable for those who have them. A directory that holds a real block, which
  /// only a mistake can have put there, stays.
  func retain(_ ids: Set<BlockID>) async {
    let dataDirectory = dataDirectory
    await onBlockingThread {
      for name in (try? FileSystem.names(in: dataDirectory)) ?? [] {
        guard let id = BlockID(name), !ids.contains(id) else { continue }
        let path = "\(dataDirectory)/\(name)"
        if Self.signsOfABlock.contains(where: { FileSystem.exists("\(path)/\($0)") }) { continue }
        FileSystem.removeTree(path)
      }
    }
  }
}
