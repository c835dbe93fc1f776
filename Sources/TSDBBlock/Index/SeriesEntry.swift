/// A label as the index stores it: two references into the symbol table.
public struct LabelReference: Hashable, Sendable {
  public var name: UInt32
  public var value: UInt32

  public init(name: UInt32, value: UInt32) {
    self.name = name
    self.value = value
  }
}

/// A chunk as the index states it.
public struct ChunkSpan: Hashable, Sendable {
  /// Times of the first and the last sample, in milliseconds, both inclusive.
  public var minTime: Int64
  public var maxTime: Int64
  public var location: ChunkLocation

  public init(minTime: Int64, maxTime: Int64, location: ChunkLocation) {
    self.minTime = minTime
    self.maxTime = maxTime
    self.location = location
  }
}

/// Decodes and encodes the body of a series entry:
///
///     uvarint labels · labels × (uvarint name, uvarint value)
///     uvarint chunks · first:  varint mint · uvarint maxt-mint          · uvarint location
///                      others: uvarint mint-previous maxt · uvarint maxt-mint · varint Δ location
///
/// Arithmetic wraps: real indexes hold chunks out of order, with the negative distance stored as a
/// ten byte uvarint.
enum SeriesEntry {
  static func decode(
    _ body: RawSpan, labels: inout [LabelReference], chunks: inout [ChunkSpan]
  ) throws(DecodeError) {
    var cursor = ByteDecoder(body)
    let labelCount = try cursor.count(of: 2)
    for _ in 0..<labelCount {
      let name = try cursor.uvarint()
      let value = try cursor.uvarint()
      guard name <= UInt32.max, value <= UInt32.max else { throw .overflow }
      labels.append(LabelReference(name: UInt32(name), value: UInt32(value)))
    }
    let chunkCount = try cursor.count(of: 3)
    guard chunkCount > 0 else { return }
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
  }

  static func encode(
    labels: [LabelReference], chunks: [ChunkSpan], into body: inout [UInt8]
  ) {
    body.append(uvarint: UInt64(labels.count))
    for label in labels {
      body.append(uvarint: UInt64(label.name))
      body.append(uvarint: UInt64(label.value))
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
