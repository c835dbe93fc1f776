internal import BlockCatalog
internal import Console
internal import Glibc
internal import ObjectStore
internal import TSDBBlock

/// Writes a block and gives it its name only when it has been read back.
///
///     write  DIR/<ULID>.tmp     a name that Prometheus removes at its start
///     read it back, compare     series, samples and fingerprint of what was to be written
///     name it  DIR/<ULID>
///
/// What fails on the way leaves nothing behind.
final class NewBlock {
  /// What was written, to be found again.
  struct Written {
    var fingerprint: BlockFingerprint
    var series: UInt64
  }

  let id: BlockID
  private let directory: String
  private let context: ToolContext
  private(set) var meta: BlockMeta
  private let temporary: String
  private let leftover: Leftover

  /// Where it will lie.
  var path: String { "\(directory)/\(id)" }

  /// - Parameters:
  ///   - directory: is made when it does not exist.
  ///   - meta: without its statistics.
  init(in directory: String, _ meta: BlockMeta, _ context: ToolContext) throws {
    guard unsafe mkdir(directory, 0o777) == 0 || isDirectory(directory) else {
      throw ToolError("cannot make \(directory): \(unsafe String(cString: strerror(errno)))")
    }
    self.directory = directory
    id = meta.id
    temporary = "\(directory)/\(id).tmp"
    leftover = Leftover("\(temporary).tmp-for-creation", temporary)
    self.meta = meta
    self.context = context
  }

  /// Writes the series and reads them back.
  ///
  /// - Parameter body: writes symbols and series.
  /// - Returns: false when nothing was written, and no block is left then.
  func write(
    _ body: (BlockWriter) throws(BlockMergeError) -> Written?
  ) throws -> Bool {
    FileSystem.removeTree(temporary)
    let writer = try BlockWriter(directory: temporary)
    guard let written = try body(writer), written.series > 0 else { return false }
    meta.stats = writer.stats
    try writer.publish(meta)
    try verify(written)
    return true
  }

  private func verify(_ written: Written) throws {
    context.progress?.begin("verifying")
    let found = try BlockVerification.read(directory: temporary, threads: processorCount()) {
      context.progress?.update($0, of: Int(clamping: written.series), "series")
      return true
    }
    context.progress?.clear()
    guard let found, found.fingerprint == written.fingerprint, found.series == written.series
    else {
      throw ToolError(notHolding: temporary)
    }
    if meta.thanos != nil {
      meta.thanos?.indexStats = found.indexStats
      try BlockWriter.replaceMeta(meta, in: temporary)
    }
  }

  /// Lists the files with their hashes in meta.json, as an upload does; without a function it is the
  /// upload alone that lists them.
  func listFiles(_ function: HashFunction) throws {
    guard function == .sha256 else { return }
    let files = try LocalUpload.files(of: temporary).map { (file) throws(BucketError) in
      ThanosMeta.File(
        path: file.path, size: Int64(file.size),
        hash: try FileHash.of("\(temporary)/\(file.path)"))
    }
    meta.thanos?.list(files)
    try BlockWriter.replaceMeta(meta, in: temporary)
  }

  /// Gives the block its name.
  func publish() throws {
    try FileSystem.rename(temporary, to: path)
    leftover.keep()
    try FileSystem.synchronizeDirectory(directory)
  }
}

extension ToolError {
  /// A new block differs from what was to be in it.
  init(notHolding directory: String) {
    self.init(
      "the new block does not hold what was written to \(directory); nothing was kept. "
        + "Check the disk and the memory of this machine")
  }
}

extension NewBlock {
  /// Tells of the block on the output.
  func tell(_ format: OutputFormat) throws {
    switch format {
    case .text:
      try context.output.write(
        "\(path)  \(HumanText.time(meta.minTime)) to \(HumanText.time(meta.maxTime))  "
          + "\(HumanText.plural(Int(clamping: meta.stats.series), "series", "series")), "
          + "\(HumanText.plural(Int(clamping: meta.stats.samples), "sample")), verified\n")
    case .json:
      let line = RawJSON.object([
        "ulid": .string(id.description), "path": .string(path), "minTime": .count(meta.minTime),
        "maxTime": .count(meta.maxTime), "series": .count(meta.stats.series),
        "chunks": .count(meta.stats.chunks), "samples": .count(meta.stats.samples),
        "level": .count(meta.compaction.level), "resolution": .count(meta.resolution),
      ])
      try context.output.write(line.compactBytes + [UInt8(ascii: "\n")])
    }
  }
}

/// Milliseconds since 1970.
func currentMilliseconds() -> Int64 {
  var time = timespec()
  // SAFETY: the call fills the structure.
  _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
