/// What the innermost decoders throw: no payload, so throwing costs a few nanoseconds.
///
/// It is caught once per section, where file, section and offset are known, and becomes a
/// ``BlockError``.
public enum DecodeError: Error, Equatable, Sendable {
  /// The bytes end before the value does.
  case truncated
  /// A number does not fit its type, or a varint is longer than ten bytes.
  case overflow
  /// The bytes cannot mean what stands here.
  case malformed
  /// Samples of this encoding cannot be had in the form asked for.
  case unsupported
}
