/// Writes the segment files of a block.
final class SegmentWriter {
  private let directory: String
  private let cut: SegmentCut
  private var file: AppendOnlyFile?
  private var plannedCuts: [Int] = []
  private var placed = 0
  /// Names of the files written, in order.
  private(set) var names: [String] = []

  /// Makes `directory` if needed.
  init(directory: String, byteCountLimit: Int) throws(BlockError) {
    self.directory = directory
    cut = SegmentCut(byteCountLimit: byteCountLimit)
    try FileSystem.makeDirectory(directory)
  }

  /// Announces the chunks of the next series, so that segments are cut where Prometheus cuts them.
  func beginSeries(payloadByteCounts: [Int]) {
    plannedCuts = cut.cuts(before: payloadByteCounts, position: file?.position ?? 0)
    placed = 0
  }

  /// Writes the next chunk.
  ///
  /// - Parameter checksum: that of encoding and payload when it is known already.
  func append(
    encoding: UInt8, payload: RawSpan, checksum: UInt32? = nil
  ) throws(BlockError) -> ChunkLocation {
    let mustCut = plannedCuts.first == placed
    if mustCut { plannedCuts.removeFirst() }
    placed += 1
    let file = try openFile(mustCut)
    let location = ChunkLocation(segment: names.count - 1, offset: file.position)
    guard file.position <= UInt32.max else {
      throw tooFar(file)
    }
    let checksum = checksum ?? CRC32C(encoding: encoding, payload: payload).value
    try file.appendFew {
      $0.append(uvarint: UInt64(payload.byteCount))
      $0.append(encoding)
    }
    try file.append(payload)
    try file.appendFew { $0.append(bigEndian: checksum) }
    return location
  }

  /// Whether all chunks of a series surely stand in one segment, the open one or the first.
  func fits(_ heads: Span<ChunkHead>) -> Bool {
    var end = max(file?.position ?? 0, SegmentFormat.headerByteCount)
    for index in heads.indices {
      end += heads[index].payloadByteCount + SegmentFormat.recordOverhead
    }
    return end <= cut.byteCountLimit
  }

  /// Writes the records of a series that ``fits(_:)``.
  ///
  /// - Returns: where the first one stands.
  func append(_ records: RawSpan) throws(BlockError) -> ChunkLocation {
    let file = try openFile(false)
    let location = ChunkLocation(segment: names.count - 1, offset: file.position)
    guard file.position + records.byteCount <= UInt32.max else {
      throw tooFar(file)
    }
    try file.append(records)
    return location
  }

  private func tooFar(_ file: AppendOnlyFile) -> BlockError {
    BlockError(
      .limitExceeded, path: file.path, section: "chunk", offset: file.position,
      detail: "stands behind 4 GiB, where no reference reaches")
  }

  private func openFile(_ mustCut: Bool) throws(BlockError) -> AppendOnlyFile {
    if let file, !mustCut { return file }
    try file?.finish()
    let number = String(names.count + 1)
    let name = String(repeating: "0", count: max(0, 6 - number.count)) + number
    let opened = try AppendOnlyFile(path: directory + "/" + name)
    try opened.append(SegmentFormat.header)
    names.append(name)
    file = opened
    return opened
  }

  /// Syncs and closes the last segment and syncs the directory.
  func finish() throws(BlockError) {
    try file?.finish()
    file = nil
    try FileSystem.synchronizeDirectory(directory)
  }
}
