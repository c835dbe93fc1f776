internal import TSDBBlock

/// Reads the series of one window of a run, in order.
struct SampleRunCursor {
  private let file: SpillFile
  private var unread: Range<Int>
  private var buffer: [UInt8] = []
  private var position = 0
  /// Of the samples of the series at hand.
  private var samples = 0..<0
  /// Of the series at hand.
  private(set) var labels = LabelSet()

  private static let pieceByteCount = 1 << 16

  init(_ file: SpillFile, _ window: SampleRun.Window) {
    self.file = file
    unread = window.bytes
  }

  /// Moves to the next series; false behind the last one.
  mutating func advance() throws(BlockError) -> Bool {
    position = samples.upperBound
    guard position < buffer.count || !unread.isEmpty else { return false }
    let range = try next()
    labels = try Self.decoding { () throws(DecodeError) in
      var decoder = ByteDecoder(buffer.rawSpan.extracting(range))
      var labels = LabelSet()
      for _ in 0..<(try decoder.uvarint()) {
        let (name, value) = (try decoder.lengthPrefixed(), try decoder.lengthPrefixed())
        labels.append(name: decoder.bytes.extracting(name), value: decoder.bytes.extracting(value))
      }
      return labels
    }
    position = range.upperBound
    samples = try next()
    return true
  }

  /// Adds the samples of the series at hand.
  func appendSamples(to columns: inout SampleColumns) throws(BlockError) {
    try Self.decoding { () throws(DecodeError) in
      var decoder = ByteDecoder(buffer.rawSpan.extracting(samples))
      let count = try decoder.count()
      var time: Int64 = 0
      for _ in 0..<count {
        time &+= Int64(bitPattern: try decoder.uvarint())
        columns.timestamps.append(time)
      }
      for _ in 0..<count { columns.values.append(try decoder.uint64()) }
    }
  }

  /// Where the next part lies in the buffer, after it was read.
  private mutating func next() throws(BlockError) -> Range<Int> {
    // The longest length has ten bytes.
    try read(10)
    let (start, count) = try Self.decoding { () throws(DecodeError) in
      var decoder = ByteDecoder(buffer.rawSpan, at: position)
      let count = try decoder.uvarint()
      return (decoder.position, Int(clamping: count))
    }
    let length = start - position
    guard count <= buffer.count - start + unread.count else { throw Self.tooShort }
    try read(length + count)
    return position + length..<position + length + count
  }

  /// Sees to it that so many bytes lie in the buffer, or all there are.
  private mutating func read(_ count: Int) throws(BlockError) {
    guard buffer.count - position < count, !unread.isEmpty else { return }
    // The labels of the series at hand may be behind the position, its samples may not.
    buffer.removeSubrange(..<position)
    position = 0
    let wanted = max(count - buffer.count, Self.pieceByteCount)
    let end = min(unread.lowerBound + wanted, unread.upperBound)
    try file.read(unread.lowerBound..<end, to: &buffer)
    unread = end..<unread.upperBound
  }

  private static func decoding<Value>(
    _ body: () throws(DecodeError) -> Value
  ) throws(BlockError) -> Value {
    do {
      return try body()
    } catch {
      throw tooShort
    }
  }

  private static var tooShort: BlockError {
    BlockError(.truncated, section: "samples", detail: "end too early in the spill file")
  }
}
