internal import Logging
internal import ObjectStore
internal import Synchronization
internal import TSDBBlock

/// Notices within a second what happens to the blocks of a bucket with local files.
///
///     root:        a block's directory comes or goes ─► watch it, look at it
///     directory:   meta.json or a mark changes       ─► look at the block
///     lost events, or the root itself                ─► look at everything
///
/// Looking is not waiting: the regular sync goes on and finds what no event told of.
struct BlockWatch: Sendable {
  /// Changes come in bursts; a block that is copied is looked at once.
  private static let window = Duration.milliseconds(200)
  private static let files: Set<String> = [
    BlockMeta.fileName, DeletionMark.fileName, NoCompactMark.fileName, NoDownsampleMark.fileName,
  ]

  private let root: String
  private let sync: BlockSync
  private let watcher: DirectoryWatcher
  private let logger: Logger
  private let watched = WatchedBlocks()

  init(root: String, sync: BlockSync, watcher: DirectoryWatcher, logger: Logger) {
    self.root = root
    self.sync = sync
    self.watcher = watcher
    self.logger = logger
  }

  /// Begins to note what happens at the root; before the first sync, so that nothing is missed.
  func begin() async {
    let (watcher, root) = (watcher, root)
    await onBlockingThread { watcher.watch(root) }
  }

  /// Watches the directories of all blocks that the sync knows. What happened in a new one before
  /// is looked for.
  func watchAll() async {
    let fresh = watched.add(await sync.directories)
    guard !fresh.isEmpty else { return }
    await watch(fresh)
    await sync.refresh(Set(fresh))
  }

  /// Runs until it is cancelled.
  func run() async {
    while true {
      let changes = await watcher.changes(within: Self.window)
      guard !Task.isCancelled else { return }
      if changes.isIncomplete || changes.directories.contains(root) { sync.requests.request() }
      await lookAt(changes)
    }
  }

  private func lookAt(_ changes: DirectoryChanges) async {
    var touched: Set<BlockID> = []
    for (directory, names) in changes.names where directory != root {
      guard let id = id(of: directory), !names.isDisjoint(with: Self.files) else { continue }
      touched.insert(id)
    }
    let unclear = changes.directories.compactMap(id)
    touched.formUnion(unclear)
    let atRoot = (changes.names[root] ?? []).compactMap { BlockID($0) }
    await watchAgain(Set(atRoot), unclear)
    touched.formUnion(atRoot)
    if !touched.isEmpty { await sync.refresh(touched) }
  }

  /// - Parameters:
  ///   - atRoot: Blocks whose directory came or went, or both.
  ///   - unclear: Blocks whose directory is another, or gone.
  private func watchAgain(_ atRoot: Set<BlockID>, _ unclear: [BlockID]) async {
    guard !atRoot.isEmpty || !unclear.isEmpty else { return }
    let watcher = watcher
    let (came, mayBeGone) = (atRoot.map { ($0, path(of: $0)) }, unclear.map { ($0, path(of: $0)) })
    let (existing, gone) = await onBlockingThread { () -> ([BlockID], [BlockID]) in
      // A directory of the same name may be another one now.
      for (_, path) in came { watcher.unwatch(path) }
      let gone = mayBeGone.filter { !FileSystem.exists($0.1) }
      for (_, path) in gone { watcher.unwatch(path) }
      return (came.filter { FileSystem.exists($0.1) }.map(\.0), gone.map(\.0))
    }
    watched.remove(atRoot.union(gone))
    await watch(watched.add(existing))
  }

  private func watch(_ ids: [BlockID]) async {
    guard !ids.isEmpty else { return }
    let (watcher, paths) = (watcher, ids.map(path))
    await onBlockingThread { for path in paths { watcher.watch(path) } }
    let polledCount = watcher.polledCount
    guard polledCount > 0, watched.isFirstComplaint() else { return }
    logger.warning(
      """
      the system watches no more directories; the others are looked at every second, and files \
      replaced in place are noticed at the next sync: raise fs.inotify.max_user_watches
      """, metadata: ["directories": "\(polledCount)"])
  }

  private func path(of id: BlockID) -> String {
    root == "/" ? "/\(id)" : "\(root)/\(id)"
  }

  private func id(of directory: String) -> BlockID? {
    guard directory != root, let slash = directory.lastIndex(of: "/") else { return nil }
    return BlockID(directory[directory.index(after: slash)...])
  }
}

/// Which blocks are watched; shared by the tasks that find them.
private final class WatchedBlocks: Sendable {
  private let ids = Mutex<Set<BlockID>>([])
  private let hasComplained = Mutex(false)

  /// Those that were not watched yet.
  func add(_ new: some Sequence<BlockID>) -> [BlockID] {
    ids.withLock { ids in new.filter { ids.insert($0).inserted } }
  }

  func remove(_ gone: Set<BlockID>) {
    ids.withLock { $0.subtract(gone) }
  }

  func isFirstComplaint() -> Bool {
    hasComplained.withLock { hasComplained in
      defer { hasComplained = true }
      return !hasComplained
    }
  }
}
