internal import Logging
internal import ObjectStore
internal import Synchronization
internal import TSDBBlock
internal import Telemetry

// Where a header comes from, the cheapest first:
//
//     the same file as before      mapped, nothing else
//     a file                       verified, compared with the index in the bucket
//     the bucket                   a new file, or memory where there is no data directory
extension RemoteIndexHeader {
  /// The header over the same file as before; nil when it was never open or the file changed.
  func reopened() async throws(RemoteBlockError) -> IndexHeader? {
    guard let file, let closed = state.withLock({ $0.closed }) else { return nil }
    let header = await onBlockingThread { () -> IndexHeader? in
      guard file.identity == closed.file, let bytes = try? file.map(),
        file.identity == closed.file
      else { return nil }
      return closed.tables.opened(on: bytes)
    }
    guard let header else { return nil }
    var isCompared = state.withLock { $0.isCompared }
    if !isCompared {
      let isStale = await isStale(header)
      if isStale == true { return nil }
      isCompared = isStale == false
    }
    keep(header, closed.file, isCompared: isCompared)
    return header
  }

  /// The header from the file, which is made if it is missing or bad; from memory without one.
  func load() async throws(RemoteBlockError) -> IndexHeader {
    let start = ContinuousClock.now
    defer { metrics.loadDuration.observe(start.duration(to: .now)) }
    guard let file, !state.withLock({ $0.isRemoved }) else { return try await loadIntoMemory() }
    // A file that cannot be read is made anew, whatever is wrong with it.
    do throws(RemoteBlockError) {
      let (header, identity) = try await verified(file)
      let isStale = await isStale(header)
      if isStale != true {
        keep(header, identity, isCompared: isStale == false)
        return header
      }
      logger.info("an index-header is out of date and made anew", metadata: fileMetadata)
    } catch {
      if case .damaged(let error) = error, error.code != .missing {
        logger.warning(
          "an index-header is made anew: \(error)", metadata: fileMetadata)
      }
    }
    try await make(file)
    let (header, identity) = try await verified(file)
    keep(header, identity, isCompared: true)
    return header
  }

  private var fileMetadata: Logger.Metadata { ["file": "\(file?.path ?? "")"] }

  private func verified(
    _ file: IndexHeaderFile
  ) async throws(RemoteBlockError) -> (IndexHeader, IndexHeaderFile.Identity?) {
    do throws(BlockError) {
      return try await onBlockingThread { () throws(BlockError) in
        let identity = file.identity
        let header = try IndexHeader(file.map(), path: file.path)
        // A file that changes while it is read is not remembered.
        return (header, file.identity == identity ? identity : nil)
      }
    } catch {
      throw .damaged(error)
    }
  }

  /// Whether the index in the bucket is another one than the header was made from; nil when the
  /// bucket does not tell now. Then the header is used, and compared when it is opened again:
  /// what is read with its help has checksums of its own.
  func isStale(_ header: IndexHeader) async -> Bool? {
    do throws(RemoteBlockError) {
      let byteCount = try await download.indexByteCount()
      guard byteCount == header.indexByteCount else { return true }
      let contents = try await download.tableOfContents(indexByteCount: byteCount)
      return contents != header.tableOfContents
    } catch {
      if case .damaged = error { return true }
      return nil
    }
  }

  // MARK: Making

  /// Makes the file, or leaves nothing behind.
  func make(_ file: IndexHeaderFile) async throws(RemoteBlockError) {
    do throws(RemoteBlockError) {
      try await write(file)
    } catch {
      await onBlockingThread { file.remove() }
      throw error
    }
    if state.withLock({ $0.isRemoved }) { await onBlockingThread { file.remove() } }
  }

  private func write(_ file: IndexHeaderFile) async throws(RemoteBlockError) {
    let start = ContinuousClock.now
    let layout = try await download.layout()
    let writer = try await Self.writing { () throws(BlockError) in try file.makeWriter() }
    try await download.copy(layout) { (bytes, offset) async throws(RemoteBlockError) in
      try await Self.writing { () throws(BlockError) in try writer.write(bytes, at: offset) }
    }
    try await Self.writing { () throws(BlockError) in try file.publish(writer) }
    metrics.downloadDuration.observe(start.duration(to: .now))
  }

  private static func writing<Value: Sendable>(
    _ body: @Sendable () throws(BlockError) -> Value
  ) async throws(RemoteBlockError) -> Value {
    do throws(BlockError) {
      return try await onBlockingThread(body)
    } catch {
      throw .unwritable(error)
    }
  }

  private func loadIntoMemory() async throws(RemoteBlockError) -> IndexHeader {
    let start = ContinuousClock.now
    let layout = try await download.layout()
    var bytes = [UInt8](repeating: 0, count: download.byteCount(layout))
    try await download.copy(layout) { (piece, offset) async throws(RemoteBlockError) in
      bytes.replaceSubrange(offset..<offset + piece.count, with: piece)
    }
    metrics.downloadDuration.observe(start.duration(to: .now))
    do throws(BlockError) {
      let header = try IndexHeader(ByteSlice(ByteStorage(bytes)), path: download.index.text)
      keep(header, nil, isCompared: true)
      return header
    } catch {
      throw .damaged(error)
    }
  }
}
