internal import Console
internal import TSDBBlock

/// A chunk that was named on the command line.
struct ChunkSource {
  /// What the record says of itself; nil when only data were given.
  struct Record {
    var offset: Int
    var length: Int
    var storedChecksum: UInt32?
    var computedChecksum: UInt32
  }

  var encoding: ChunkEncoding
  var payload: [UInt8]
  var record: Record?
  /// What is wrong with the record.
  var problems: [String] = []

  /// - Parameter encoding: instead of that of the record.
  /// - Throws: ``ToolError`` when there is no chunk to decode.
  init(_ text: String, _ encoding: UInt8?) throws {
    if let place = try Self.place(in: text) {
      let storage: ByteStorage
      do throws(BlockError) {
        storage = try ByteStorage(mapping: place.path)
      } catch {
        throw ToolError("\(error)")
      }
      try self.init(record: storage.bytes, at: place.offset, encoding)
      return
    }
    guard let bytes = Self.bytes(ofHex: text), !bytes.isEmpty else {
      throw ToolError("\(text.prefix(40)) is neither hex nor FILE@OFFSET")
    }
    if let encoding {
      self.init(data: bytes, ChunkEncoding(rawValue: encoding))
    } else {
      try self.init(record: bytes.rawSpan, at: 0, nil)
    }
  }

  private init(data: [UInt8], _ encoding: ChunkEncoding) {
    self.encoding = encoding
    payload = data
  }

  /// `FILE@OFFSET`; nil for what is no place.
  static func place(in text: String) throws -> (path: String, offset: Int)? {
    guard let at = text.lastIndex(of: "@") else { return nil }
    guard let offset = number(text[text.index(after: at)...]), offset >= 0 else {
      throw ToolError("\(text) does not end with @ and a byte offset")
    }
    return (String(text[..<at]), offset)
  }

  /// `4720` or `0x1270`.
  static func number(_ text: some StringProtocol) -> Int? {
    text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
  }

  /// The record at a place, whatever its checksum says.
  ///
  /// - Throws: ``ToolError`` when not even a length stands there.
  init(record bytes: RawSpan, at offset: Int, _ encoding: UInt8?) throws {
    guard offset < bytes.byteCount else {
      throw ToolError("the file has only \(bytes.byteCount) bytes")
    }
    var cursor = ByteDecoder(bytes, at: offset)
    let stated: UInt64
    do throws(DecodeError) {
      stated = try cursor.uvarint()
    } catch {
      throw ToolError("no record begins at \(offset): there is no length")
    }
    let start = cursor.position
    let length = Int(clamping: stated)
    let room = bytes.byteCount - start - 1
    guard room >= 0 else {
      throw ToolError("the record at \(offset) ends behind its length")
    }
    let end = start + 1 + min(length, room)
    self.encoding = ChunkEncoding(
      rawValue: encoding ?? Self.byte(bytes, at: start))
    payload = [UInt8](bytes.extracting(start + 1..<end))
    var record = Record(
      offset: offset, length: length,
      computedChecksum: CRC32C(bytes.extracting(start..<end)).value)
    if length > room {
      problems.append("claims \(stated) bytes of data, only \(room) follow")
    } else {
      var tail = ByteDecoder(bytes, at: end)
      record.storedChecksum = try? tail.uint32()
      if record.storedChecksum == nil {
        problems.append("has no checksum")
      } else if record.storedChecksum != record.computedChecksum {
        problems.append("has a wrong checksum")
      }
    }
    self.record = record
  }

  /// The byte at an offset that lies inside.
  private static func byte(_ bytes: RawSpan, at offset: Int) -> UInt8 {
    var cursor = ByteDecoder(bytes, at: offset)
    return (try? cursor.uint8()) ?? 0
  }

  /// Nil when the text has other characters than hexadecimal digits, or an odd number of them.
  static func bytes(ofHex text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text where !character.isWhitespace {
      guard let digit = character.hexDigitValue, character.isASCII else { return nil }
      if let first = high {
        bytes.append(first << 4 | UInt8(digit))
        high = nil
      } else {
        high = UInt8(digit)
      }
    }
    return high == nil ? bytes : nil
  }
}

/// The samples of a chunk, or of each of its aggregates.
struct DecodedChunk {
  struct Part {
    /// Nil for a chunk that is no aggregate.
    var kind: AggregateChunk.Kind?
    var encoding: ChunkEncoding
    var byteCount: Int
    /// How many samples it says it has.
    var statedCount: Int?
    var columns = ChunkColumns()
  }

  let source: ChunkSource
  private(set) var parts: [Part] = []
  private(set) var problems: [String]

  init(_ source: ChunkSource) {
    self.source = source
    problems = source.problems
    let all = 0..<source.payload.count
    guard source.encoding == .aggregate else {
      decode(nil, source.encoding, all)
      return
    }
    do throws(DecodeError) {
      let aggregate = try AggregateChunk(source.payload.rawSpan)
      for kind in AggregateChunk.Kind.allCases {
        if let part = aggregate[kind] { decode(kind, part.encoding, part.range) }
      }
    } catch {
      problems.append("cannot be split into aggregates: \(error)")
    }
  }

  private mutating func decode(
    _ kind: AggregateChunk.Kind?, _ encoding: ChunkEncoding, _ range: Range<Int>
  ) {
    let payload = source.payload
    let bytes = payload.rawSpan
    var part = Part(kind: kind, encoding: encoding, byteCount: range.count)
    part.statedCount = try? encoding.sampleCount(of: bytes.extracting(range))
    let what = kind.map { "the aggregate \($0)" } ?? "the data"
    do throws(DecodeError) {
      try part.columns.decode(bytes, range, encoding: encoding)
    } catch {
      let reason =
        error == .unsupported ? "of the encoding \(encoding) cannot be decoded" : "is \(error)"
      problems.append("\(what) \(reason) behind \(HumanText.plural(part.columns.count, "sample"))")
    }
    parts.append(part)
  }
}
