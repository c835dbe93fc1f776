internal import Logging
internal import ObjectStore
internal import TSDBBlock

/// Copies of metas on a local disk, so that a restart reads none of them again.
///
///     <data directory>/meta-syncer/<ULID>/meta.json
///
/// The same files that Thanos keeps. A copy bears the time of the object it was made of and counts
/// as long as the object is of the same size and no younger. Copies are worth nothing in
/// themselves: one that cannot be read is fetched anew, one that cannot be written is done without.
public struct MetaCache: Sendable {
  private let directory: String

  /// - Parameter dataDirectory: the program's own, which need not exist yet.
  public init(dataDirectory: String) {
    directory = "\(dataDirectory)/meta-syncer"
  }

  /// Nil when there is no copy of this version.
  func meta(
    of id: BlockID, _ version: FileVersion, onStale: (@Sendable () -> Void)?
  ) async -> BlockMeta? {
    let path = path(of: id)
    return await onBlockingThread { () -> BlockMeta? in
      guard let copy = LocalCopy.attributes(path) else { return nil }
      guard copy.size == version.size,
        copy.modifiedMilliseconds >= version.modifiedMilliseconds
      else {
        onStale?()
        return nil
      }
      guard let bytes = LocalCopy.read(path), let meta = try? BlockMeta(json: bytes),
        meta.id == id
      else { return nil }
      return meta
    }
  }

  func store(_ bytes: [UInt8], of id: BlockID, _ version: FileVersion, logger: Logger) async {
    let path = path(of: id)
    let directory = "\(directory)/\(id)"
    let problem = await onBlockingThread { () -> String? in
      do {
        try FileSystem.makeDirectories(directory)
        try LocalCopy.replace(
          path, with: bytes, modifiedMilliseconds: version.modifiedMilliseconds)
        return nil
      } catch {
        return "\(error)"
      }
    }
    guard let problem else { return }
    logger.warning(
      "cannot keep a copy of a meta.json; it is read again after a restart",
      metadata: ["block": "\(id)", "error": "\(problem)"])
  }

  /// Removes the copies of blocks that are not among `ids`.
  func retain(_ ids: Set<BlockID>) async {
    let directory = directory
    await onBlockingThread {
      for name in (try? FileSystem.names(in: directory)) ?? [] {
        guard let id = BlockID(name), !ids.contains(id) else { continue }
        FileSystem.removeTree("\(directory)/\(name)")
      }
    }
  }

  private func path(of id: BlockID) -> String {
    "\(directory)/\(id)/\(BlockMeta.fileName)"
  }
}
