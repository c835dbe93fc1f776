/// Reads records of a block and keeps the segment at hand.
///
/// Chunks mostly follow each other in one segment. Taking it out of the list for each would count
/// references that all threads share, which costs more than comparing the checksum.
struct RecordCursor: Sendable {
  private let chunks: ChunkReader
  private var segment = -1
  /// The segment of the last record, as errors name it, and its bytes.
  private(set) var path = ""
  private(set) var file = ByteSlice(ByteStorage([]))

  init(_ chunks: ChunkReader) { self.chunks = chunks }

  /// The bytes of the segment of the last record.
  var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get { file.bytes }
  }

  /// Moves to the segment that a location counts to.
  ///
  /// - Throws: ``BlockError`` when there is none.
  @inline(__always)
  mutating func move(to location: ChunkLocation) throws(BlockError) {
    if location.segment != segment { try change(to: location) }
  }

  @inline(never)
  private mutating func change(to location: ChunkLocation) throws(BlockError) {
    let found = try chunks.segment(of: location)
    segment = location.segment
    path = found.path
    file = found.file
  }

  /// The verified record of a chunk.
  mutating func record(at location: ChunkLocation) throws(BlockError) -> ChunkRecord {
    try move(to: location)
    do {
      return try ChunkRecord(in: file.bytes, at: location.offset)
    } catch {
      throw error.inFile(path)
    }
  }

  /// Names the chunk in errors about its contents.
  func naming<Value>(
    _ location: ChunkLocation, _ body: () throws(BlockError) -> Value
  ) throws(BlockError) -> Value {
    do {
      return try body()
    } catch {
      var named = error.inFile(path)
      named.offset = location.offset
      throw named
    }
  }

  /// How many samples the chunk whose record was read last says it holds.
  func sampleCount(of record: ChunkRecord) throws(DecodeError) -> Int {
    try ChunkEncoding(rawValue: record.encoding)
      .sampleCount(of: file.bytes.extracting(record.payload))
  }

  /// The same for a chunk that is to be copied.
  ///
  /// - Throws: ``BlockError`` with the code `unsupportedEncoding` when its encoding does not tell.
  mutating func statedSampleCount(
    of record: ChunkRecord, at location: ChunkLocation
  ) throws(BlockError) -> Int {
    do {
      return try sampleCount(of: record)
    } catch {
      throw BlockError(
        .unsupportedEncoding, path: path, section: "chunk", offset: location.offset,
        detail: "encoding \(record.encoding) does not tell how many samples it has")
    }
  }

  /// Copies bytes of the segment of the last record.
  ///
  /// In place and not through ``bytes``: a cursor taken out of an array is counted.
  mutating func append(_ range: Range<Int>, to output: inout [UInt8]) {
    output.append(file.bytes.extracting(range))
  }
}
