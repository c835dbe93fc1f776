/// One message of a Series answer, not yet encoded.
public enum SeriesFrame: Sendable {
  /// The series at `index` of a batch alone, for clients that did not ask for batches.
  case series(SeriesBatch, at: Int)
  /// All series of a batch in one message.
  case batch(SeriesBatch)
  /// Something could not be read; the rest of the answer is right.
  case warning(String)
  /// Facts about the query: an encoded `google.protobuf.Any`.
  case hints([UInt8])
}
