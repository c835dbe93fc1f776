/// A label as the index stores it: two references into the symbol table.
public struct LabelReference: Hashable, Sendable {
  /// Reference of the name.
  public var name: UInt32
  /// Reference of the value.
  public var value: UInt32

  /// A label of two symbols.
  public init(name: UInt32, value: UInt32) {
    self.name = name
    self.value = value
  }
}

/// A chunk as the index states it.
public struct ChunkSpan: Hashable, Sendable {
  /// Times of the first and the last sample, in milliseconds, both inclusive.
  public var minTime: Int64
  /// Time of the last sample, in milliseconds.
  public var maxTime: Int64
  /// Where its record stands.
  public var location: ChunkLocation

  /// A chunk with times from `minTime` to `maxTime`, both inclusive.
  public init(minTime: Int64, maxTime: Int64, location: ChunkLocation) {
    self.minTime = minTime
    self.maxTime = maxTime
    self.location = location
  }
}

/// Decodes and encodes series entries, whose bodies are:
///
///     uvarint labels · labels × (uvarint name, uvarint value)
///     uvarint chunks · first:  varint mint · uvarint maxt-mint          · uvarint location
///                      others: uvarint mint-previous maxt · uvarint maxt-mint · varint Δ location
///
/// Arithmetic wraps: real indexes hold chunks out of order, with the negative distance stored as a
/// ten byte uvarint.
public enum SeriesEntry {
  /// Decodes the entry at a place in some bytes of an index and appends its labels and chunks.
  ///
  ///     uvarint length · body · crc
  ///
  /// - Parameters:
  ///   - bytes: of the index, a fetched range or all.
  ///   - position: of the entry's length in `bytes`.
  ///   - fileOffset: where `bytes` begin in the index, for errors.
  ///   - labels: get the labels behind those they hold.
  ///   - chunks: likewise.
  /// - Returns: Bytes of the entry, checksum included.
  /// - Throws: ``BlockError`` when the entry is damaged or cut. Nothing has been appended then.
  /// - Complexity: O(bytes of the entry), no allocation once the arrays have grown.
  @discardableResult
  public static func append(
    from bytes: RawSpan, at position: Int, fileOffset: Int = 0,
    labels: inout [LabelReference], chunks: inout [ChunkSpan]
  ) throws(BlockError) -> Int {
    let labelCount = labels.count
    let chunkCount = chunks.count
    let body = try body(in: bytes, at: position, fileOffset: fileOffset)
    do {
      try decode(bytes.extracting(body), labels: &labels, chunks: &chunks)
    } catch {
      labels.removeLast(labels.count - labelCount)
      chunks.removeLast(chunks.count - chunkCount)
      throw BlockError.decoding(error, section: "series", offset: fileOffset &+ position)
    }
    return body.upperBound &+ 4 &- position
  }

  /// How many bytes the entry at `position` takes up, checksum included: what to fetch when a guess
  /// was too short. Nil when not even its length can be read.
  public static func byteCount(in bytes: RawSpan, at position: Int) -> Int? {
    var cursor = ByteDecoder(bytes, at: position)
    guard let length = try? cursor.uvarint(), length <= IndexFormat.byteCountLimit else {
      return nil
    }
    return cursor.position - position + Int(length) + 4
  }

  /// Appends the entry that has this body: length, body and checksum.
  ///
  /// Caches keep bodies alone; this makes entries of them again.
  package static func append(framing body: [UInt8], to bytes: inout [UInt8]) {
    bytes.append(lengthPrefixed: body.rawSpan)
    bytes.append(bigEndian: CRC32C(body.rawSpan).value)
  }

  /// The verified body of the entry at `position`.
  package static func body(
    in bytes: RawSpan, at position: Int, fileOffset: Int = 0
  ) throws(BlockError) -> Range<Int> {
    let offset = fileOffset &+ position
    guard offset >= IndexFormat.headerByteCount, position >= 0, position < bytes.byteCount else {
      throw BlockError(
        .badReference, section: "series", offset: offset, detail: "lies outside the file")
    }
    let body: Range<Int>
    do throws(DecodeError) {
      var cursor = ByteDecoder(bytes, at: position)
      body = try cursor.lengthPrefixed()
      guard cursor.remaining >= 4 else { throw DecodeError.truncated }
    } catch {
      throw .decoding(error, section: "series", offset: offset)
    }
    let computed = CRC32C(bytes.extracting(body)).value
    let stored = bytes.bigEndianUInt32(at: body.upperBound)
    guard computed == stored else {
      throw .checksum(computed: computed, stored: stored, section: "series", offset: offset)
    }
    return body
  }

  /// Whether a body without a checksum can be one: nothing is cut or left over, labels are symbols
  /// in their order, chunks have times.
  ///
  /// - Parameter symbolCount: of the index; nil when its symbols are not numbered.
  package static func isWellFormed(body: [UInt8], symbolCount: Int?) -> Bool {
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    do throws(DecodeError) {
      let end = try decode(body.rawSpan, labels: &labels, chunks: &chunks)
      guard end == body.count, !labels.isEmpty, chunks.allSatisfy({ $0.minTime <= $0.maxTime })
      else { return false }
      guard let symbolCount else { return true }
      return labels.allSatisfy { $0.name < symbolCount && $0.value < symbolCount }
        && zip(labels, labels.dropFirst()).allSatisfy { $0.name < $1.name }
    } catch {
      return false
    }
  }

  /// - Returns: where the entry ends in `body`.
  @discardableResult
  static func decode(
    _ body: RawSpan, labels: inout [LabelReference], chunks: inout [ChunkSpan]
  ) throws(DecodeError) -> Int {
    var cursor = ByteDecoder(body)
    let labelCount = try cursor.count(of: 2)
    for _ in 0..<labelCount {
      let name = try cursor.uvarint()
      let value = try cursor.uvarint()
      guard name <= UInt32.max, value <= UInt32.max else { throw .overflow }
      labels.append(LabelReference(name: UInt32(name), value: UInt32(value)))
    }
    let chunkCount = try cursor.count(of: 3)
    guard chunkCount > 0 else { return cursor.position }
    var minTime = try cursor.varint()
    var maxTime = minTime &+ Int64(bitPattern: try cursor.uvarint())
    var location = try cursor.uvarint()
    chunks.append(
      ChunkSpan(minTime: minTime, maxTime: maxTime, location: ChunkLocation(location)))
    for _ in 1..<chunkCount {
      minTime = maxTime &+ Int64(bitPattern: try cursor.uvarint())
      maxTime = minTime &+ Int64(bitPattern: try cursor.uvarint())
      location = location &+ UInt64(bitPattern: try cursor.varint())
      chunks.append(
        ChunkSpan(minTime: minTime, maxTime: maxTime, location: ChunkLocation(location)))
    }
    return cursor.position
  }

  static func encode(
    labels: Span<LabelReference>, chunks: [ChunkSpan], into body: inout [UInt8]
  ) {
    body.append(uvarint: UInt64(labels.count))
    for index in labels.indices {
      body.append(uvarint: UInt64(labels[index].name))
      body.append(uvarint: UInt64(labels[index].value))
    }
    body.append(uvarint: UInt64(chunks.count))
    guard let first = chunks.first else { return }
    body.append(varint: first.minTime)
    body.append(uvarint: UInt64(bitPattern: first.maxTime &- first.minTime))
    body.append(uvarint: first.location.rawValue)
    var previous = first
    for chunk in chunks.dropFirst() {
      body.append(uvarint: UInt64(bitPattern: chunk.minTime &- previous.maxTime))
      body.append(uvarint: UInt64(bitPattern: chunk.maxTime &- chunk.minTime))
      body.append(
        varint: Int64(bitPattern: chunk.location.rawValue &- previous.location.rawValue))
      previous = chunk
    }
  }
}
