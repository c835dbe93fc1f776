/// What a merge does where chunks of one series claim the same time.
public enum OverlapPolicy: String, Sendable {
  /// It fails and names the block.
  case refuse
  /// Keeps every time once: the samples of all chunks in order of time. Where two chunks have a
  /// sample of one time, one of them stays. What Prometheus does.
  case chain
  /// Takes replicas for copies of one series, scraped at other moments: follows one of them and
  /// changes over where it has a gap of more than about two intervals. What Thanos calls `penalty`.
  case penalty
  /// Takes replicas for copies as `penalty` does, but loses nothing for no reason: follows the one
  /// with the most samples over the whole series and fills each of its holes of more than one and
  /// a half intervals with the others' samples. Drops stale markers while another replica is alive,
  /// and samples that would make a counter fall which counts up in all replicas. Chunks of which
  /// every sample stays keep their bytes. A series that has aggregates is merged as `penalty`.
  case lossless
}

/// A chunk that could not be merged with those it overlaps.
struct ChunkMergeError: Error {
  var input: Int
  var location: ChunkLocation
  var cause: DecodeError
}
