/// Writes a block directory: everything under a temporary name first, published by a rename.
///
///     writer = BlockWriter(directory: "…/01J…")        …/01J….tmp-for-creation
///     addSymbol …                                       sorted
///     beginSeries, appendChunk …, endSeries …           sorted by labels
///     publish(meta)                                     synced, renamed
///
/// A writer that goes away without ``publish(_:tombstones:)`` takes its files with it. Not safe to
/// use from several tasks at once.
public final class BlockWriter {
  /// The name the block will have.
  public let directory: String
  private let temporary: String
  private let index: IndexWriter
  private let segments: SegmentWriter
  private var chunks: [ChunkSpan] = []
  private var isPublished = false
  /// What has been written so far.
  public private(set) var stats = BlockMeta.Stats()

  /// - Parameters:
  ///   - directory: to be made; its parent must be there.
  ///   - segmentByteCountLimit: where segments are cut, 512 MiB as Prometheus does.
  ///   - postingsByteCountLimit: postings that are kept in memory, at 8 bytes per label of each
  ///     series; what is more waits in a file without a name beside the index. Sorting takes up to
  ///     twice as much again when one label makes up most of it.
  /// - Throws: ``BlockError`` when the directory exists or files cannot be made.
  public init(
    directory: String, segmentByteCountLimit: Int = 512 << 20,
    postingsByteCountLimit: Int = 128 << 20
  ) throws(BlockError) {
    guard !FileSystem.exists(directory) else {
      throw BlockError(.unwritable, path: directory, detail: "exists already")
    }
    self.directory = directory
    temporary = directory + ".tmp-for-creation"
    FileSystem.removeTree(temporary)
    try FileSystem.makeDirectory(temporary)
    index = try IndexWriter(
      path: temporary + "/index", postingsByteCountLimit: postingsByteCountLimit)
    segments = try SegmentWriter(
      directory: temporary + "/chunks", byteCountLimit: segmentByteCountLimit)
  }

  /// The id of the series that was added last, which tombstones name it by.
  public var lastSeriesID: UInt32 { index.lastSeriesID }

  /// Names of the segment files written.
  public var segmentNames: [String] { segments.names }

  /// Adds the next symbol, which must sort behind the last one. Series refer to symbols by the
  /// order in which they were added, from 0.
  public func addSymbol(_ symbol: RawSpan) throws(BlockError) {
    try index.addSymbol(symbol)
  }

  /// Adds the next symbol, which must sort behind the last one.
  public func addSymbol(_ symbol: [UInt8]) throws(BlockError) {
    try index.addSymbol(symbol.rawSpan)
  }

  /// Begins a series whose chunks will have these sizes.
  public func beginSeries(payloadByteCounts: [Int]) {
    chunks.removeAll(keepingCapacity: true)
    segments.beginSeries(payloadByteCounts: payloadByteCounts)
  }

  /// Writes the next chunk of the series.
  ///
  /// - Parameters:
  ///   - minTime: time of its first sample, in milliseconds.
  ///   - maxTime: time of its last sample.
  ///   - encoding: the encoding byte.
  ///   - payload: chunk data beginning with the sample count.
  ///   - checksum: CRC-32C of encoding and payload when it has been verified before.
  public func appendChunk(
    minTime: Int64, maxTime: Int64, encoding: UInt8, payload: RawSpan, checksum: UInt32? = nil
  ) throws(BlockError) {
    let sampleCount: Int
    do throws(DecodeError) {
      sampleCount = try ChunkEncoding(rawValue: encoding).sampleCount(of: payload)
    } catch {
      throw BlockError(
        .invalidInput, path: directory, section: "chunk",
        detail: "encoding \(encoding) does not tell how many samples it has")
    }
    let location = try segments.append(encoding: encoding, payload: payload, checksum: checksum)
    chunks.append(ChunkSpan(minTime: minTime, maxTime: maxTime, location: location))
    count(ChunkEncoding(rawValue: encoding), samples: sampleCount)
  }

  private func count(_ encoding: ChunkEncoding, samples: Int) {
    stats.chunks += 1
    stats.samples += UInt64(samples)
    switch encoding {
    case .histogram, .floatHistogram, .histogramST, .floatHistogramST:
      stats.histogramSamples += UInt64(samples)
    case .xor, .xor2: stats.floatSamples += UInt64(samples)
    default: break
    }
  }

  /// Adds a series whose records are complete.
  ///
  /// - Parameters:
  ///   - labels: ordinals of the symbols.
  ///   - heads: of its chunks, in order of time.
  ///   - records: of the same chunks, one behind the other, with lengths as short as they can be.
  func addSeries(
    labels: Span<LabelReference>, chunks heads: Span<ChunkHead>, records: RawSpan
  ) throws(BlockError) {
    chunks.removeAll(keepingCapacity: true)
    if segments.fits(heads) {
      var location = try segments.append(records)
      for index in heads.indices {
        let head = heads[index]
        chunks.append(ChunkSpan(minTime: head.minTime, maxTime: head.maxTime, location: location))
        location.rawValue &+= UInt64(SegmentFormat.recordByteCount(ofData: head.payloadByteCount))
        count(head.encoding, samples: head.sampleCount)
      }
      return try endSeries(labels: labels)
    }
    var sizes: [Int] = []
    for index in heads.indices { sizes.append(heads[index].payloadByteCount) }
    beginSeries(payloadByteCounts: sizes)
    var end = 0
    for index in heads.indices {
      let head = heads[index]
      end += SegmentFormat.recordByteCount(ofData: head.payloadByteCount)
      let data = end - SegmentFormat.checksumByteCount - head.payloadByteCount
      try appendChunk(
        minTime: head.minTime, maxTime: head.maxTime, encoding: head.encoding.rawValue,
        payload: records.extracting(data..<end - SegmentFormat.checksumByteCount),
        checksum: head.checksum)
    }
    try endSeries(labels: labels)
  }

  /// Ends the series. One without chunks is left out.
  public func endSeries(labels: [LabelReference]) throws(BlockError) {
    try endSeries(labels: labels.span)
  }

  func endSeries(labels: Span<LabelReference>) throws(BlockError) {
    guard !chunks.isEmpty else { return }
    try index.addSeries(labels: labels, chunks: chunks)
    stats.series += 1
  }

  /// Finishes the files, writes meta.json and gives the block its name. After a return the block
  /// survives a power cut.
  ///
  /// - Parameters:
  ///   - meta: what meta.json says.
  ///   - tombstones: deletions, under the ids that ``lastSeriesID`` told.
  public func publish(
    _ meta: BlockMeta, tombstones: Tombstones = Tombstones()
  ) throws(BlockError) {
    precondition(!isPublished, "the block is published")
    try segments.finish()
    try index.finish()
    try writeFile(tombstones.encoded(), named: Tombstones.fileName)
    try writeFile(meta.jsonBytes(), named: BlockMeta.fileName)
    try FileSystem.synchronizeDirectory(temporary)
    try FileSystem.rename(temporary, to: directory)
    isPublished = true
    let parent = directory.lastIndex(of: "/").map { String(directory[..<$0]) } ?? "."
    try FileSystem.synchronizeDirectory(parent.isEmpty ? "/" : parent)
  }

  private func writeFile(_ bytes: [UInt8], named name: String) throws(BlockError) {
    let file = try AppendOnlyFile(path: temporary + "/" + name)
    try file.append(bytes)
    try file.finish()
  }

  /// Replaces meta.json of a block that is complete, in one step.
  package static func replaceMeta(_ meta: BlockMeta, in directory: String) throws(BlockError) {
    let path = directory + "/" + BlockMeta.fileName
    let file = try AppendOnlyFile(path: path + ".tmp")
    try file.append(meta.jsonBytes())
    try file.finish()
    try FileSystem.rename(path + ".tmp", to: path)
    try FileSystem.synchronizeDirectory(directory)
  }

  deinit {
    if !isPublished { FileSystem.removeTree(temporary) }
  }
}
