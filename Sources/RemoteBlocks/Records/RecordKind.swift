internal import TSDBBlock

/// Records that say at their beginning how long they are, and end with a checksum: series entries
/// and chunks.
enum RecordKind: Sendable {
  case series, chunk

  /// What some bytes hold of a record.
  enum Content: Equatable, Sendable {
    /// All of it, and the checksum is right.
    case whole(byteCount: Int)
    /// A part; so many bytes are needed, nil when not even that can be read.
    case part(needed: Int?)
    /// The checksum is wrong, or the length cannot be right, which is nil then.
    case damaged(byteCount: Int?)
  }

  /// No writer makes longer ones; a longer length is damage.
  private static let byteCountLimit = 64 << 20

  /// Beside what Thanos asks for: it forgets the checksum, and stops at the end of the length.
  static let slack = 16

  func content(of bytes: RawSpan, at position: Int, fileOffset: Int) -> Content {
    let byteCount =
      switch self {
      case .series: SeriesEntry.byteCount(in: bytes, at: position)
      case .chunk: ChunkRecord.byteCount(in: bytes, at: position)
      }
    guard let byteCount else {
      // The longest number has ten bytes.
      return bytes.byteCount - position >= 10 ? .damaged(byteCount: nil) : .part(needed: nil)
    }
    guard byteCount <= Self.byteCountLimit else { return .damaged(byteCount: nil) }
    guard byteCount <= bytes.byteCount - position else { return .part(needed: byteCount) }
    do throws(BlockError) {
      switch self {
      case .series:
        _ = try SeriesEntry.body(in: bytes, at: position, fileOffset: fileOffset)
      case .chunk: _ = try ChunkRecord(in: bytes, at: position, fileOffset: fileOffset)
      }
      return .whole(byteCount: byteCount)
    } catch {
      return .damaged(byteCount: byteCount)
    }
  }
}
