internal import TSDBBlock

/// The labels of one series exactly as they stand in a `Series` message.
///
///     ┌ 0x0A ┬ length ┬ 0x0A ┬ nameLength ┬ name ┬ 0x12 ┬ valueLength ┬ value ┐ …
///     └──────┴────────┴─ Label ────────────────────────────────────────────────┘ once per label
///
/// A batch keeps the labels of all its series in one buffer of this form, so that a frame takes
/// one copy per series, and a merge compares them in place.
public enum WireLabels {
  /// Appends one label. Labels of a series must be appended in ascending order of their names.
  public static func append(name: RawSpan, value: RawSpan, to buffer: inout [UInt8]) {
    let inner =
      ProtobufSize.delimited(name.byteCount) &+ ProtobufSize.delimited(value.byteCount)
    buffer.append(0x0A)
    appendVarint(inner, to: &buffer)
    buffer.append(0x0A)
    appendVarint(name.byteCount, to: &buffer)
    buffer.append(name)
    buffer.append(0x12)
    appendVarint(value.byteCount, to: &buffer)
    buffer.append(value)
  }

  /// Appends one label.
  public static func append(name: [UInt8], value: [UInt8], to buffer: inout [UInt8]) {
    append(name: name.rawSpan, value: value.rawSpan, to: &buffer)
  }

  /// The wire form of `labels`, which must be sorted by name.
  public static func encode(_ labels: [(name: [UInt8], value: [UInt8])]) -> [UInt8] {
    var buffer: [UInt8] = []
    for label in labels { append(name: label.name, value: label.value, to: &buffer) }
    return buffer
  }

  private static func appendVarint(_ value: Int, to buffer: inout [UInt8]) {
    var rest = UInt(bitPattern: value)
    while rest >= 0x80 {
      buffer.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    buffer.append(UInt8(truncatingIfNeeded: rest))
  }
}

extension WireLabels {
  /// One label: ranges of the bytes it was read from.
  public struct Label: Equatable, Sendable {
    public var name: Range<Int>
    public var value: Range<Int>
  }

  /// Walks the labels of a wire form. Stops at the first byte that is not part of one.
  public struct Reader: ~Escapable {
    private var decoder: ByteDecoder

    @_lifetime(copy labels)
    public init(_ labels: RawSpan) {
      decoder = ByteDecoder(labels)
    }

    public mutating func next() -> Label? {
      do throws(DecodeError) {
        guard decoder.remaining > 0, try decoder.uint8() == 0x0A else { return nil }
        _ = try decoder.count()
        guard try decoder.uint8() == 0x0A else { return nil }
        let name = try decoder.lengthPrefixed()
        guard try decoder.uint8() == 0x12 else { return nil }
        return Label(name: name, value: try decoder.lengthPrefixed())
      } catch {
        return nil
      }
    }
  }

  /// Compares in label order: name, then value, of one label after the other, by bytes; of two
  /// series where one begins with all labels of the other, the shorter comes first.
  ///
  /// - Returns: Negative, zero or positive, as for `memcmp`.
  public static func compare(_ left: RawSpan, _ right: RawSpan) -> Int {
    if ByteOrder.equal(left, right) { return 0 }
    var leftReader = Reader(left)
    var rightReader = Reader(right)
    while true {
      guard let leftLabel = leftReader.next() else {
        return rightReader.next() == nil ? 0 : -1
      }
      guard let rightLabel = rightReader.next() else { return 1 }
      let names = ByteOrder.compare(
        left.extracting(leftLabel.name), right.extracting(rightLabel.name))
      if names != 0 { return names }
      let values = ByteOrder.compare(
        left.extracting(leftLabel.value), right.extracting(rightLabel.value))
      if values != 0 { return values }
    }
  }
}
