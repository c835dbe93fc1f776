/// Start timestamps of the samples of a chunk, as XOR2 and the two ST histogram encodings keep them.
///
///     header u8:  bit 7      the first sample has one
///                 bits 6…0   k, the first later sample that stores one; 0: none does
///     sample 0    varint         t0 − st0
///     samples < k                as sample 0
///     sample k    variable bits  t(k−1) − st(k)
///     samples > k variable bits  the change of that distance
///
/// 0 stands for unknown and is a value like any other. Since k has seven bits, sample 127 stores
/// its start in any case.
enum StartTimestamps {
  static let firstStored: UInt8 = 0x80
  static let largestIndex = 127
}

/// Reads what follows each sample.
struct StartTimestampReader {
  private let header: UInt8
  private var distance: Int64 = 0
  private(set) var current: Int64 = 0

  init(header: UInt8) { self.header = header }

  private var firstIndex: Int { Int(header & 0x7F) }

  mutating func readFirst(_ bits: inout BitReader, time: Int64) throws(DecodeError) {
    guard header & StartTimestamps.firstStored != 0 else { return }
    current = time &- (try bits.readVarint())
  }

  /// - Parameter previousTime: time of the sample before the one at `index`.
  @inline(__always)
  mutating func readNext(
    _ bits: inout some BitReading & ~Escapable, index: Int, previousTime: Int64
  ) {
    guard firstIndex != 0, index >= firstIndex else { return }
    distance =
      index == firstIndex ? bits.readVariableSigned() : distance &+ bits.readVariableSigned()
    current = previousTime &- distance
  }
}

/// Writes what follows each sample and keeps the header.
struct StartTimestampWriter: Sendable {
  private(set) var header: UInt8 = 0
  private var distance: Int64 = 0
  private var current: Int64 = 0

  mutating func appendFirst(_ start: Int64, time: Int64, to bits: inout BitWriter) {
    self = StartTimestampWriter()
    guard start != 0 else { return }
    header = StartTimestamps.firstStored
    current = start
    bits.appendVarint(time &- start)
  }

  mutating func appendNext(
    _ start: Int64, index: Int, previousTime: Int64, to bits: inout BitWriter
  ) {
    let newDistance = previousTime &- start
    if header & 0x7F == 0 {
      guard start != current || index == StartTimestamps.largestIndex else { return }
      header |= UInt8(index)
      bits.appendVariable(newDistance)
    } else {
      bits.appendVariable(newDistance &- distance)
    }
    distance = newDistance
    current = start
  }
}
