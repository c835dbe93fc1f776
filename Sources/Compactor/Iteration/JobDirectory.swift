internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// The directory of one job.
///
///     inputs/<ULID>/   copies of blocks of a bucket that is far away
///     <ULID>/          the new block
///     journal          says of the new block that it is whole
///
/// Copies, and a new block with a journal, outlive a job that failed, and the process: the next try
/// goes on with them. Everything here blocks its thread.
struct JobDirectory: Sendable {
  let path: String

  private static let inputs = "inputs"

  /// Where the copy of a block is.
  func input(_ id: BlockID) -> String { "\(path)/\(Self.inputs)/\(id)" }

  /// Where a new block is made.
  func output(_ id: BlockID) -> String { "\(path)/\(id)" }

  /// Makes the directory, or removes from it what is of no use for these inputs.
  func prepare(inputs wanted: Set<BlockID>) throws(BlockError) {
    tidy()
    try FileSystem.makeDirectories(path)
    let copies = "\(path)/\(Self.inputs)"
    for name in try FileSystem.names(in: copies)
    where BlockID(name).map(wanted.contains) != true {
      FileSystem.removeTree("\(copies)/\(name)")
    }
  }

  /// Removes what no other try can use; everything, when that leaves nothing.
  func tidy() {
    guard let names = try? FileSystem.names(in: path) else { return }
    var kept: Set<String> = [Self.inputs]
    if let journal { kept.formUnion([Journal.fileName, journal.meta.id.description]) }
    for name in names where !kept.contains(name) { FileSystem.removeTree("\(path)/\(name)") }
    if kept.isDisjoint(with: names) { remove() }
  }

  func remove() { FileSystem.removeTree(path) }

  // MARK: Journal

  /// Nil also when it was torn, or when the block is not there.
  var journal: Journal? {
    guard let bytes = LocalCopy.read("\(path)/\(Journal.fileName)"), let journal = Journal(bytes),
      FileSystem.exists("\(output(journal.meta.id))/\(BlockMeta.fileName)")
    else { return nil }
    return journal
  }

  /// After a return the journal survives a power cut, as does the block.
  func write(_ journal: Journal) throws(JobFailure) {
    let file = "\(path)/\(Journal.fileName)"
    do {
      try LocalCopy.begin(file + ".tmp")
      try LocalCopy.append(journal.bytes, to: file + ".tmp")
      try LocalCopy.publish(file + ".tmp", as: file)
      try FileSystem.synchronizeDirectory(path)
    } catch let error as BucketError {
      throw JobFailure(block: nil, reason: error.description)
    } catch {
      throw JobFailure(block: nil, reason: "\(error)")
    }
  }

  /// Takes a block that another job made of what is going to be this one's input.
  ///
  /// - Parameter directory: of the block, on the same disk.
  func adopt(_ directory: String, _ journal: Journal) throws(JobFailure) {
    try JobFailure.blaming(nil) { () throws(BlockError) in
      try prepare(inputs: [])
      try FileSystem.rename(directory, to: output(journal.meta.id))
    }
    try write(journal)
  }

  /// Removes the journal, then its block.
  func discard(_ journal: Journal) {
    FileSystem.removeTree("\(path)/\(Journal.fileName)")
    FileSystem.removeTree(output(journal.meta.id))
  }
}
