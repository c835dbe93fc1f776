/// Why a cached list of series cannot be used. The list is still in the block: fetch it from there.
public struct PostingsCodecError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Reason: Error, Equatable, Sendable {
    /// The value ends before the list does.
    case truncated
    /// A checksum differs.
    case checksum
    /// The bytes cannot mean what stands there.
    case malformed
    /// The next series would have an id below the last one, or beyond 32 bits.
    case order
    /// A part of the stream that this program does not know and must not skip.
    case unsupported
    /// The list has more series than the caller can use.
    case tooLong
  }

  public let reason: Reason
  /// Where in the value, in bytes; the chunk's beginning when the fault is inside a chunk.
  public let offset: Int

  public var description: String {
    let text =
      switch reason {
      case .truncated: "ends too early"
      case .checksum: "has a wrong checksum"
      case .malformed: "is malformed"
      case .order: "is not in order"
      case .unsupported: "is in a form that is not known"
      case .tooLong: "has more series than the block can have"
      }
    return "cached list of series \(text) at byte \(offset)"
  }
}
